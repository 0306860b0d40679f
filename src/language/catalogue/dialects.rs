//! What the dialects of other services say by themselves.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "there is no such scheduler here, and the model's own was taken",
        fr: "ce planificateur n’existe pas ici, et celui du modèle a servi",
        vi: "ở đây không có bộ lập lịch ấy, nên đã dùng bộ của mô hình",
    },
    Text {
        en: "an image has one style here, and this one has {other}",
        fr: "une image a un seul style ici, et celle-ci a {other}",
        vi: "ở đây mỗi ảnh có một phong cách, và ảnh này đã có {other}",
    },
    Text {
        en: "an image that is reconstructed has no noise",
        fr: "une image que l’on reconstruit n’a pas de bruit",
        vi: "ảnh được dựng lại thì không có nhiễu",
    },
    Text {
        en: "hr_upscaler {name} became Lanczos: nothing here enlarges latents",
        fr: "hr_upscaler {name} est devenu Lanczos : rien n’agrandit les latents ici",
        vi: "hr_upscaler {name} được đổi thành Lanczos: ở đây không có gì phóng to véc-tơ ẩn",
    },
    Text {
        en: "images were enlarged and not painted anew: {model} doesn't do that in {width}x{height}",
        fr: "les images ont été agrandies et non repeintes : {model} ne le fait pas en {width}x{height}",
        vi: "ảnh được phóng to mà không vẽ lại: {model} không vẽ lại ở cỡ {width}x{height}",
    },
    Text {
        en: "any number",
        fr: "n’importe quel nombre",
        vi: "số bất kỳ",
    },
    Text {
        en: "at most {most}",
        fr: "au plus {most}",
        vi: "nhiều nhất {most}",
    },
    Text {
        en: "class says which it is",
        fr: "class le dit déjà",
        vi: "class đã nói rõ",
    },
    Text {
        en: "events hold images as b64_json",
        fr: "les événements portent les images en b64_json",
        vi: "sự kiện chứa ảnh dưới dạng b64_json",
    },
    Text {
        en: "{field}: found {count} images; models here take one, and the first was used",
        fr: "{field} : {count} images reçues ; les modèles d’ici en prennent une, et la première a servi",
        vi: "{field}: nhận được {count} ảnh; mô hình ở đây chỉ nhận một, và đã dùng ảnh đầu tiên",
    },
    Text {
        en: "found {found}; ask for 1 to {most} images",
        fr: "reçu {found} ; demandez de 1 à {most} images",
        vi: "nhận được {found}; hãy xin từ 1 đến {most} ảnh",
    },
    Text {
        en: "found {found}; expected 0 to 100",
        fr: "reçu {found} ; attendu de 0 à 100",
        vi: "nhận được {found}; cần từ 0 đến 100",
    },
    Text {
        en: "found {found}; expected 0 to {most}",
        fr: "reçu {found} ; attendu de 0 à {most}",
        vi: "nhận được {found}; cần từ 0 đến {most}",
    },
    Text {
        en: "found {found}; expected WIDTHxHEIGHT, such as 512x512, or auto",
        fr: "reçu {found} ; attendu LARGEURxHAUTEUR, comme 512x512, ou auto",
        vi: "nhận được {found}; cần RỘNGxCAO, như 512x512, hoặc auto",
    },
    Text {
        en: "found {found}; expected auto, low, medium, high, xhigh, max, standard or hd",
        fr: "reçu {found} ; attendu auto, low, medium, high, xhigh, max, standard ou hd",
        vi: "nhận được {found}; cần auto, low, medium, high, xhigh, max, standard hoặc hd",
    },
    Text {
        en: "found {found}; expected b64_json or url",
        fr: "reçu {found} ; attendu b64_json ou url",
        vi: "nhận được {found}; cần b64_json hoặc url",
    },
    Text {
        en: "found {found}; expected png, jpeg, webp or gif",
        fr: "reçu {found} ; attendu png, jpeg, webp ou gif",
        vi: "nhận được {found}; cần png, jpeg, webp hoặc gif",
    },
    Text {
        en: "found {found}; expected png, jpg or webp",
        fr: "reçu {found} ; attendu png, jpg ou webp",
        vi: "nhận được {found}; cần png, jpg hoặc webp",
    },
    Text {
        en: "found {found}; expected transparent, opaque or auto",
        fr: "reçu {found} ; attendu transparent, opaque ou auto",
        vi: "nhận được {found}; cần transparent, opaque hoặc auto",
    },
    Text {
        en: "found {found}; expected true or false",
        fr: "reçu {found} ; attendu true ou false",
        vi: "nhận được {found}; cần true hoặc false",
    },
    Text {
        en: "images go to img2img",
        fr: "les images vont à img2img",
        vi: "ảnh thì gửi đến img2img",
    },
    Text {
        en: "{what} {width}x{height} became {wide}x{high}, the nearest that enlarging gives",
        fr: "{what} {width}x{height} est devenu {wide}x{high}, ce que l’agrandissement donne de plus proche",
        vi: "{what} {width}x{height} thành {wide}x{high}, kích thước gần nhất mà phóng to cho ra",
    },
    Text {
        en: "is no image in base64, and there is a prompt in parameters already",
        fr: "n’est pas une image en base64, et parameters a déjà une consigne",
        vi: "không phải ảnh base64, mà parameters đã có lời nhắc",
    },
    Text {
        en: "is missing; say what to paint",
        fr: "manque ; dites ce qu’il faut peindre",
        vi: "còn thiếu; hãy nói cần vẽ gì",
    },
    Text {
        en: "is missing; send an image",
        fr: "manque ; envoyez une image",
        vi: "còn thiếu; hãy gửi một ảnh",
    },
    Text {
        en: "is neither text nor an image file",
        fr: "n’est ni du texte ni un fichier d’image",
        vi: "không phải chữ cũng không phải tệp ảnh",
    },
    Text {
        en: "is {width}x{height}, and the image is {wide}x{high}; they must be of one size",
        fr: "fait {width}x{height}, et l’image {wide}x{high} ; il faut une même taille",
        vi: "có cỡ {width}x{height}, còn ảnh là {wide}x{high}; hai cỡ phải bằng nhau",
    },
    Text {
        en: "it goes with stream",
        fr: "il va avec stream",
        vi: "nó đi cùng stream",
    },
    Text {
        en: "makes {wide}x{high}; expected 1 to {most} pixels in all",
        fr: "donne {wide}x{high} ; attendu de 1 à {most} pixels en tout",
        vi: "cho ra {wide}x{high}; cần tổng cộng từ 1 đến {most} điểm ảnh",
    },
    Text {
        en: "not a form: {error}",
        fr: "ce n’est pas un formulaire : {error}",
        vi: "không phải biểu mẫu: {error}",
    },
    Text {
        en: "nothing here does that",
        fr: "rien ne fait cela ici",
        vi: "ở đây không có gì làm việc đó",
    },
    Text {
        en: "nothing is moderated here",
        fr: "rien n’est modéré ici",
        vi: "ở đây không kiểm duyệt gì",
    },
    Text {
        en: "parameters.num_images_per_prompt {count} became 1: the answer has room for one image",
        fr: "parameters.num_images_per_prompt {count} est devenu 1 : la réponse a la place d’une image",
        vi: "parameters.num_images_per_prompt {count} được đổi thành 1: câu trả lời chỉ chứa một ảnh",
    },
    Text {
        en: "quality and steps say here how much is done",
        fr: "ici, quality et steps disent combien de travail est fait",
        vi: "ở đây quality và steps nói làm kỹ đến đâu",
    },
    Text {
        en: "says the same as {other}; leave one out",
        fr: "dit la même chose que {other} ; laissez-en un",
        vi: "nói cùng một điều với {other}; hãy bỏ bớt một",
    },
    Text {
        en: "sides of {range}",
        fr: "des côtés, {range}",
        vi: "các cạnh {range}",
    },
    Text {
        en: "stands in the form twice",
        fr: "est deux fois dans le formulaire",
        vi: "có hai lần trong biểu mẫu",
    },
    Text {
        en: "steps says how many there are",
        fr: "steps dit combien il y en a",
        vi: "steps đã nói bao nhiêu bước",
    },
    Text {
        en: "strength says here how much of an image is painted anew",
        fr: "ici, strength dit quelle part de l’image est repeinte",
        vi: "ở đây strength nói phần ảnh được vẽ lại",
    },
    Text {
        en: "the answer can be {kinds}",
        fr: "la réponse peut être {kinds}",
        vi: "câu trả lời có thể là {kinds}",
    },
    Text {
        en: "the file had to make room for newer ones; ask for b64_json, or sooner",
        fr: "le fichier a dû céder la place à de plus récents ; demandez b64_json, ou venez plus tôt",
        vi: "tệp đã phải nhường chỗ cho tệp mới hơn; hãy xin b64_json, hoặc lấy sớm hơn",
    },
    Text {
        en: "the form has more than {most} parts",
        fr: "le formulaire a plus de {most} parties",
        vi: "biểu mẫu có hơn {most} phần",
    },
    Text {
        en: "the link has expired",
        fr: "le lien a expiré",
        vi: "liên kết đã hết hạn",
    },
    Text {
        en: "the link lacks expires and signature; use it as it was handed out",
        fr: "il manque expires et signature au lien ; utilisez-le tel qu’il a été donné",
        vi: "liên kết thiếu expires và signature; hãy dùng đúng như đã được cấp",
    },
    Text {
        en: "the link's signature doesn't fit; use the link as it was handed out",
        fr: "la signature du lien ne va pas ; utilisez le lien tel qu’il a été donné",
        vi: "chữ ký của liên kết không khớp; hãy dùng liên kết đúng như đã được cấp",
    },
    Text {
        en: "the model keeps the size of the image that it is given",
        fr: "le modèle garde la taille de l’image qu’on lui donne",
        vi: "mô hình giữ nguyên cỡ của ảnh được gửi",
    },
    Text {
        en: "there is no image to paint anew",
        fr: "il n’y a pas d’image à repeindre",
        vi: "không có ảnh nào để vẽ lại",
    },
    Text {
        en: "there is no script {name}",
        fr: "il n’y a pas de script {name}",
        vi: "không có kịch bản {name}",
    },
    Text {
        en: "there is no such field{proposal}",
        fr: "ce champ n’existe pas{proposal}",
        vi: "không có trường này{proposal}",
    },
    Text {
        en: "there is no such field",
        fr: "ce champ n’existe pas",
        vi: "không có trường này",
    },
    Text {
        en: "there is no such option",
        fr: "cette option n’existe pas",
        vi: "không có tùy chọn này",
    },
    Text {
        en: "there is no such parameter",
        fr: "ce paramètre n’existe pas",
        vi: "không có tham số này",
    },
    Text {
        en: "there is no {name}: no model here describes images in words",
        fr: "il n’y a pas de {name} : aucun modèle d’ici ne décrit les images en mots",
        vi: "không có {name}: không mô hình nào ở đây mô tả ảnh bằng lời",
    },
    Text {
        en: "there is no {name}; the samplers are {known}",
        fr: "il n’y a pas de {name} ; les échantillonneurs sont {known}",
        vi: "không có {name}; các bộ lấy mẫu là {known}",
    },
    Text {
        en: "{field} {name} became {upscaler}: the upscalers are {known}",
        fr: "{field} {name} est devenu {upscaler} : les agrandisseurs sont {known}",
        vi: "{field} {name} được đổi thành {upscaler}: các bộ phóng to là {known}",
    },
    Text {
        en: "this model paints downwards, pixel after pixel: the mask must keep some rows at the top and have all below them painted anew",
        fr: "ce modèle peint vers le bas, pixel après pixel : le masque doit garder des lignes en haut et faire repeindre tout ce qui est dessous",
        vi: "mô hình này vẽ từ trên xuống, từng điểm ảnh: mặt nạ phải giữ vài hàng trên cùng và để vẽ lại mọi thứ bên dưới",
    },
    Text {
        en: "those of {model} are {names}",
        fr: "ceux de {model} sont {names}",
        vi: "của {model} là {names}",
    },
    Text {
        en: "{count} images; expected at most {most}",
        fr: "{count} images ; attendu au plus {most}",
        vi: "{count} ảnh; cần nhiều nhất {most}",
    },
    Text {
        en: "{format} files lose nothing here",
        fr: "les fichiers {format} ne perdent rien ici",
        vi: "ở đây tệp {format} không mất gì",
    },
    Text {
        en: "{least} only",
        fr: "{least} seulement",
        vi: "{least} mà thôi",
    },
    Text {
        en: "{least} to {most}",
        fr: "de {least} à {most}",
        vi: "từ {least} đến {most}",
    },
    Text {
        en: "{model} has no styles",
        fr: "{model} n’a pas de styles",
        vi: "{model} không có phong cách nào",
    },
    Text {
        en: "{model} has one quality",
        fr: "{model} n’a qu’une qualité",
        vi: "{model} chỉ có một chất lượng",
    },
    Text {
        en: "{model} paints in one step",
        fr: "{model} peint en une étape",
        vi: "{model} vẽ trong một bước",
    },
    Text {
        en: "{model} paints no transparency",
        fr: "{model} ne peint pas de transparence",
        vi: "{model} không vẽ phần trong suốt",
    },
    Text {
        en: "{model} was trained for another kind of noise, and its own scheduler was taken",
        fr: "{model} a été entraîné sur un autre genre de bruit, et son propre planificateur a servi",
        vi: "{model} được huấn luyện với kiểu nhiễu khác, nên bộ lập lịch riêng của nó được dùng",
    },
    Text {
        en: "{model} takes no {parameter}",
        fr: "{model} ne prend pas {parameter}",
        vi: "{model} không nhận {parameter}",
    },
    Text {
        en: "{range}, in multiples of {step}",
        fr: "{range}, par multiples de {step}",
        vi: "{range}, theo bội số của {step}",
    },
    Text {
        en: "{sampler} became {scheduler}, the nearest that is here",
        fr: "{sampler} est devenu {scheduler}, le plus proche qu’il y a ici",
        vi: "{sampler} được đổi thành {scheduler}, cái gần nhất ở đây",
    },
    Text {
        en: "{sampler} is not spaced like that here",
        fr: "{sampler} n’est pas espacé ainsi ici",
        vi: "ở đây {sampler} không giãn bước như vậy",
    },
    Text {
        en: "{width}x{height} only",
        fr: "{width}x{height} seulement",
        vi: "{width}x{height} mà thôi",
    },
    Text {
        en: "{count} more fields were not used",
        fr: "{count} autres champs n’ont pas servi",
        vi: "còn {count} trường nữa không được dùng",
    },
    Text {
        en: "it goes with {other}",
        fr: "il va avec {other}",
        vi: "nó đi cùng {other}",
    },
    Text {
        en: "{field} {count} became 1: {why}",
        fr: "{field} {count} est devenu 1 : {why}",
        vi: "{field} {count} được đổi thành 1: {why}",
    },
    Text {
        en: "scale says how large",
        fr: "scale dit déjà de combien",
        vi: "scale đã nói to bao nhiêu",
    },
    Text {
        en: "{what} {width}x{height} became {wide}x{high}: {model} enlarges by {range}",
        fr: "{what} {width}x{height} est devenu {wide}x{high} : {model} agrandit par {range}",
        vi: "{what} {width}x{height} được đổi thành {wide}x{high}: {model} phóng to theo {range}",
    },
    Text {
        en: "{field} says which style it is",
        fr: "{field} dit déjà quel style c’est",
        vi: "{field} đã nói là phong cách nào",
    },
    Text {
        en: "holds no image in base64, and {model} needs one",
        fr: "ne contient pas d’image en base64, et {model} en demande une",
        vi: "không chứa ảnh dạng base64, mà {model} cần một ảnh",
    },
    Text {
        en: "resize_mode {mode} became 0: images are stretched, cropped (1) or filled up (2) here",
        fr: "resize_mode {mode} est devenu 0 : ici, les images sont étirées, rognées (1) ou complétées (2)",
        vi: "resize_mode {mode} được đổi thành 0: ở đây ảnh được kéo giãn, cắt bớt (1) hoặc bù thêm (2)",
    },
    Text {
        en: "inpainting_fill {fill} became 1: there are 0 to 3",
        fr: "inpainting_fill {fill} est devenu 1 : au choix de 0 à 3",
        vi: "inpainting_fill {fill} được đổi thành 1: chỉ có từ 0 đến 3",
    },
    Text {
        en: "in the second pass: {why}",
        fr: "à la seconde passe : {why}",
        vi: "ở lượt thứ hai: {why}",
    },
    Text {
        en: "it is of the first pass's model",
        fr: "elle est du modèle de la première passe",
        vi: "nó thuộc mô hình của lượt đầu",
    },
    Text {
        en: "{wide}x{high} became {width}x{height}",
        fr: "{wide}x{high} est devenu {width}x{height}",
        vi: "{wide}x{high} được đổi thành {width}x{height}",
    },
    Text {
        en: "resize_mode {mode} became 0: there are 0 and 1",
        fr: "resize_mode {mode} est devenu 0 : au choix 0 ou 1",
        vi: "resize_mode {mode} được đổi thành 0: chỉ có 0 và 1",
    },
];
