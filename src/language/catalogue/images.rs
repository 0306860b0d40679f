//! What is wrong with an image file, or too large about it.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "the image must be a PNG, JPEG or WebP file",
        fr: "il faut un fichier PNG, JPEG ou WebP",
        vi: "ảnh phải là tệp PNG, JPEG hoặc WebP",
    },
    Text {
        en: "the image file has {found} bytes; at most {max} are read",
        fr: "le fichier d’image fait {found} octets ; au plus {max} sont lus",
        vi: "tệp ảnh có {found} byte; chỉ đọc nhiều nhất {max}",
    },
    Text {
        en: "the image has {width}×{height} pixels; at most {max} are read",
        fr: "l’image fait {width}×{height} pixels ; au plus {max} sont lus",
        vi: "ảnh có {width}×{height} điểm ảnh; chỉ đọc nhiều nhất {max}",
    },
    Text {
        en: "the {format} file would take more memory than an image of {max} pixels may",
        fr: "le fichier {format} prendrait plus de mémoire que n’en a droit une image de {max} pixels",
        vi: "tệp {format} sẽ tốn nhiều bộ nhớ hơn mức cho phép với ảnh {max} điểm ảnh",
    },
    Text {
        en: "the {format} file ends before its image does",
        fr: "le fichier {format} finit avant son image",
        vi: "tệp {format} kết thúc trước khi hết ảnh",
    },
    Text {
        en: "the {format} file is damaged; save or download it again",
        fr: "le fichier {format} est abîmé ; enregistrez-le ou téléchargez-le de nouveau",
        vi: "tệp {format} bị hỏng; hãy lưu hoặc tải lại tệp",
    },
    Text {
        en: "{no_room}; {fitting}",
        fr: "{no_room} ; {fitting}",
        vi: "{no_room}; {fitting}",
    },
    Text {
        en: "one of at most {pixels} pixels would fit",
        fr: "une image d’au plus {pixels} pixels conviendrait",
        vi: "ảnh không quá {pixels} điểm ảnh thì vừa",
    },
    Text {
        en: "try again later",
        fr: "réessayez plus tard",
        vi: "hãy thử lại sau",
    },
    Text {
        en: "this needs {wanted} MiB of memory, and requests have {total} MiB",
        fr: "cela demande {wanted} Mio de mémoire, et les requêtes en ont {total} Mio",
        vi: "việc này cần {wanted} MiB bộ nhớ, mà các yêu cầu chỉ có {total} MiB",
    },
    Text {
        en: "this needs {wanted} MiB of memory, and {free} MiB are free at the moment",
        fr: "cela demande {wanted} Mio de mémoire, et {free} Mio sont libres pour l’instant",
        vi: "việc này cần {wanted} MiB bộ nhớ, mà lúc này chỉ còn trống {free} MiB",
    },
    Text {
        en: "the file is no PNG, JPEG or WebP image",
        fr: "le fichier n’est pas une image PNG, JPEG ou WebP",
        vi: "tệp không phải ảnh PNG, JPEG hay WebP",
    },
];
