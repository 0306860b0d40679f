//! What is remarkable about a model, as `GET /models/{id}` says it.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "{class}, in the layout of diffusers",
        fr: "{class}, dans la disposition de diffusers",
        vi: "{class}, theo cách sắp xếp của diffusers",
    },
    Text {
        en: "CAREFUL: every image is one plain colour: {seeds} seeds were tried; was it exported in training mode, with its batch normalisation?",
        fr: "ATTENTION : chaque image est d’une seule couleur : {seeds} graines essayées ; le modèle a-t-il été exporté en mode entraînement, avec sa normalisation par lots ?",
        vi: "CẨN THẬN: bức nào cũng chỉ một màu: đã thử {seeds} hạt giống; mô hình có bị xuất ở chế độ huấn luyện, kèm batch normalisation không?",
    },
    Text {
        en: "CAREFUL: every seed gives {what}: {seeds} seeds were tried and the latent made no difference; was it exported in training mode, with its batch normalisation?",
        fr: "ATTENTION : toutes les graines donnent {what} : {seeds} graines essayées, et le vecteur n’y change rien ; le modèle a-t-il été exporté en mode entraînement, avec sa normalisation par lots ?",
        vi: "CẨN THẬN: hạt giống nào cũng cho {what}: đã thử {seeds} hạt giống mà véc-tơ không làm thay đổi gì; mô hình có bị xuất ở chế độ huấn luyện, kèm batch normalisation không?",
    },
    Text {
        en: "one plain colour",
        fr: "une seule couleur",
        vi: "một màu duy nhất",
    },
    Text {
        en: "the same image",
        fr: "la même image",
        vi: "cùng một bức ảnh",
    },
    Text {
        en: "CAREFUL: {bad} of {seen} seeds gave NaN or infinite numbers; requests for such seeds fail",
        fr: "ATTENTION : {bad} graines sur {seen} ont donné des nombres NaN ou infinis ; les requêtes pour ces graines échouent",
        vi: "CẨN THẬN: {bad} trong {seen} hạt giống cho số NaN hoặc vô hạn; yêu cầu với các hạt giống ấy sẽ thất bại",
    },
    Text {
        en: "values from {least} to {greatest} were seen and the stated range is {low} to {high}; what lies outside is clamped",
        fr: "les valeurs vues vont de {least} à {greatest}, et la plage indiquée de {low} à {high} ; ce qui dépasse est écrêté",
        vi: "thấy các giá trị từ {least} đến {greatest}, mà khoảng đã khai là {low} đến {high}; phần ngoài bị cắt về biên",
    },
    Text {
        en: "no value below 0 was seen; the range may be 0..1",
        fr: "aucune valeur au-dessous de 0 n’a été vue ; la plage est peut-être 0..1",
        vi: "không thấy giá trị nào dưới 0; khoảng có thể là 0..1",
    },
    Text {
        en: "no value above 1 was seen; the range may be 0..1",
        fr: "aucune valeur au-dessus de 1 n’a été vue ; la plage est peut-être 0..1",
        vi: "không thấy giá trị nào trên 1; khoảng có thể là 0..1",
    },
    Text {
        en: "a pixel depends on what lies up to {margin} pixels around it, so larger images are cut into tiles of {width} × {height}",
        fr: "un pixel dépend de ce qui l’entoure jusqu’à {margin} pixels : les images plus grandes sont découpées en carreaux de {width} × {height}",
        vi: "một điểm ảnh phụ thuộc vào vùng {margin} điểm ảnh quanh nó, nên ảnh lớn hơn được cắt thành các ô {width} × {height}",
    },
    Text {
        en: "a pixel depends on the whole image, so images are resized to {width} × {height} and back",
        fr: "un pixel dépend de toute l’image : les images sont ramenées à {width} × {height}, puis à leur taille",
        vi: "một điểm ảnh phụ thuộc vào cả bức ảnh, nên ảnh được đổi cỡ thành {width} × {height} rồi trả về cỡ cũ",
    },
    Text {
        en: "a pixel depends on the whole image, so large images are reduced and the result is enlarged",
        fr: "un pixel dépend de toute l’image : les grandes images sont réduites et le résultat agrandi",
        vi: "một điểm ảnh phụ thuộc vào cả bức ảnh, nên ảnh lớn được thu nhỏ rồi kết quả được phóng lại",
    },
    Text {
        en: "it leaves out the outermost {eaten} pixels, so images are mirrored beyond their edges",
        fr: "il laisse de côté les {eaten} pixels du bord : les images sont prolongées en miroir",
        vi: "nó bỏ {eaten} điểm ảnh ngoài rìa, nên ảnh được soi gương ra ngoài mép",
    },
    Text {
        en: "its scheduler_config.json asks for {asked}, which is not known here; {name} takes its place",
        fr: "son scheduler_config.json demande {asked}, inconnu ici ; {name} le remplace",
        vi: "scheduler_config.json của nó yêu cầu {asked}, ở đây chưa có; {name} thay thế",
    },
];
