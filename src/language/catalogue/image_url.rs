//! What is wrong with the address of an image.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "an address answers one image; POST /generate makes several",
        fr: "une adresse donne une seule image ; POST /generate en fait plusieurs",
        vi: "một địa chỉ chỉ cho một ảnh; POST /generate tạo được nhiều ảnh",
    },
    Text {
        en: "the address holds % signs or bytes that are no UTF-8 text",
        fr: "l’adresse contient des signes % ou des octets qui ne sont pas du texte UTF-8",
        vi: "địa chỉ chứa dấu % hoặc byte không phải văn bản UTF-8",
    },
    Text {
        en: "can't stand in an address; POST /generate takes it",
        fr: "ne tient pas dans une adresse ; POST /generate l’accepte",
        vi: "không đặt trong địa chỉ được; POST /generate nhận trường này",
    },
    Text {
        en: "stands in the address twice",
        fr: "figure deux fois dans l’adresse",
        vi: "xuất hiện hai lần trong địa chỉ",
    },
    Text {
        en: "images by their address are off here; --public-get turns them on",
        fr: "les images par leur adresse sont désactivées ici ; --public-get les active",
        vi: "ở đây không cho lấy ảnh bằng địa chỉ; --public-get bật tính năng này",
    },
    Text {
        en: "{file} has no ending that says the kind of image; write {file}.png, .jpg or .webp",
        fr: "{file} n’a pas de fin qui dise le format de l’image ; écrivez {file}.png, .jpg ou .webp",
        vi: "{file} không có đuôi cho biết loại ảnh; hãy viết {file}.png, .jpg hoặc .webp",
    },
    Text {
        en: "is said by the file's name already",
        fr: "est déjà dit par le nom du fichier",
        vi: "đã có trong tên tệp",
    },
    Text {
        en: "a name has at most {most} bytes",
        fr: "un nom a au plus {most} octets",
        vi: "tên dài nhiều nhất {most} byte",
    },
    Text {
        en: "there is no such field; expected one of {choices}",
        fr: "ce champ n’existe pas ; valeurs possibles : {choices}",
        vi: "không có trường này; hãy dùng một trong: {choices}",
    },
    Text {
        en: "found {found}, expected one of {choices}",
        fr: "reçu {found}, attendu : {choices}",
        vi: "nhận được {found}, cần một trong: {choices}",
    },
];
