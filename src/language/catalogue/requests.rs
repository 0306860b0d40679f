//! What is wrong with a request, and what would be right.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "is missing; give an image that is white where to fill in",
        fr: "manque ; donnez une image blanche là où il faut remplir",
        vi: "bị thiếu; hãy gửi một bức ảnh có màu trắng ở chỗ cần vẽ thêm",
    },
    Text {
        en: "{field}: {why}",
        fr: "{field} : {why}",
        vi: "{field}: {why}",
    },
    Text {
        en: "prompt: nothing in this model's training captions is near {prompt}; the nearest, {nearest}, is at a likeness of {likeness} ({far} and more is near)",
        fr: "consigne : rien de ce que ce modèle a appris n’approche {prompt} ; le plus proche, {nearest}, est à une ressemblance de {likeness} (proche à partir de {far})",
        vi: "lời nhắc: trong chú thích huấn luyện của mô hình này không có gì gần {prompt}; gần nhất là {nearest}, độ giống {likeness} (từ {far} trở lên là gần)",
    },
    Text {
        en: "the model reads no further than {tokens} tokens of {field}; left out: {cut}",
        fr: "le modèle ne lit pas plus loin que {tokens} jetons de {field} ; laissé de côté : {cut}",
        vi: "mô hình chỉ đọc {tokens} token của {field}; phần bị bỏ: {cut}",
    },
    Text {
        en: "the image is changed by {strength} of {steps} steps, which is less than one, so one was painted",
        fr: "l’image est changée de {strength} sur {steps} étapes, moins d’une, et une étape a donc été peinte",
        vi: "ảnh được đổi {strength} của {steps} bước, chưa đến một bước, nên một bước đã được vẽ",
    },
    Text {
        en: "{field} makes no difference with a guidance of {guidance}; above 1 it does",
        fr: "{field} est sans effet avec un guidage de {guidance} ; au-dessus de 1, il en a",
        vi: "{field} không có tác dụng khi mức dẫn hướng là {guidance}; trên 1 thì có",
    },
    Text {
        en: "{field} was resized from {from} to the model's {to}",
        fr: "{field} est passé de {from} aux {to} du modèle",
        vi: "{field} được đổi cỡ từ {from} thành {to} của mô hình",
    },
    Text {
        en: "deadline_ms was cut to this server's longest, {longest} ms",
        fr: "deadline_ms a été ramené au plus long de ce serveur, {longest} ms",
        vi: "deadline_ms được rút về mức dài nhất của máy chủ này, {longest} ms",
    },
    Text {
        en: "image: its plain background was taken for a clear one, which is what this model paints",
        fr: "image : son fond uni a été pris pour un fond transparent, comme ce modèle en peint",
        vi: "image: nền trơn của ảnh được coi là nền trong suốt, đúng kiểu mô hình này vẽ",
    },
    Text {
        en: "is for the format jpeg, and this is {format}",
        fr: "vaut pour le format jpeg, et c’est ici {format}",
        vi: "dành cho định dạng jpeg, còn đây là {format}",
    },
    Text {
        en: "there is no avatar of the kind {ending}; expected .png, .jpg or .webp",
        fr: "il n’y a pas d’avatar du genre {ending} ; attendu : .png, .jpg ou .webp",
        vi: "không có ảnh đại diện loại {ending}; cần .png, .jpg hoặc .webp",
    },
    Text {
        en: "is empty; give a name before the ending",
        fr: "est vide ; donnez un nom avant la terminaison",
        vi: "bị trống; hãy đặt tên trước phần đuôi",
    },
    Text {
        en: "these words of the prompt say nothing to this model: {words}",
        fr: "ces mots de la consigne ne disent rien à ce modèle : {words}",
        vi: "những từ này của lời nhắc không nói gì với mô hình: {words}",
    },
    Text {
        en: "image was resized from {from} to {to} and the result resized back, since the model looks at a whole image at once",
        fr: "image est passé de {from} à {to} et le résultat est revenu à sa taille, car le modèle regarde une image entière",
        vi: "image được đổi cỡ từ {from} thành {to} rồi kết quả được trả về cỡ cũ, vì mô hình nhìn cả bức ảnh một lúc",
    },
    Text {
        en: "makes {width} × {height} pixels; at most {most} are made",
        fr: "donne {width} × {height} pixels ; {most} au plus",
        vi: "cho ra {width} × {height} điểm ảnh; nhiều nhất là {most}",
    },
    Text {
        en: "makes {width} × {height} pixels; a side of a {format} file has at most {longest}",
        fr: "donne {width} × {height} pixels ; un côté d’un fichier {format} en a {longest} au plus",
        vi: "cho ra {width} × {height} điểm ảnh; mỗi cạnh của tệp {format} nhiều nhất là {longest}",
    },
    Text {
        en: "{model} takes no {field}",
        fr: "{model} ne prend pas {field}",
        vi: "{model} không nhận {field}",
    },
    Text {
        en: "{model} makes no image of an image",
        fr: "{model} ne fait pas d’image à partir d’une image",
        vi: "{model} không tạo ảnh từ ảnh",
    },
    Text {
        en: "no model here paints images over",
        fr: "aucun modèle ici ne repeint des images",
        vi: "ở đây không có mô hình nào vẽ lại ảnh",
    },
    Text {
        en: "no model here enlarges images; {filter} as the model does it by a filter",
        fr: "aucun modèle ici n’agrandit des images ; {filter} comme modèle le fait par un filtre",
        vi: "ở đây không có mô hình nào phóng to ảnh; chọn mô hình {filter} thì dùng bộ lọc",
    },
    Text {
        en: "there is no prompt, so the model's example was used: {example}",
        fr: "il n’y a pas de consigne : l’exemple du modèle a servi, {example}",
        vi: "không có lời nhắc nên ví dụ của mô hình được dùng: {example}",
    },
    Text {
        en: "is for mask_area masked, and this is whole",
        fr: "va avec mask_area masked, et c’est whole ici",
        vi: "chỉ dành cho mask_area masked, mà ở đây là whole",
    },
];
