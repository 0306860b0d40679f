//! What parsers say of a body: serde's sentences, those of its JSON reader, of base64, and of the
//! forms in `http/wire/`. The English is how they write it.

use crate::language::Text;

pub(in crate::language) const SENTENCES: &[Text] = &[
    Text {
        en: "invalid type: {found}, expected {expected}",
        fr: "trouvé : {found} ; attendu : {expected}",
        vi: "thấy {found}; cần {expected}",
    },
    Text {
        en: "invalid value: {found}, expected {expected}",
        fr: "trouvé : {found} ; attendu : {expected}",
        vi: "thấy {found}; cần {expected}",
    },
    Text {
        en: "invalid length {found}, expected {expected}",
        fr: "longueur {found} ; attendu : {expected}",
        vi: "độ dài {found}; cần {expected}",
    },
    Text {
        en: "unknown field `{name}`, there are no fields",
        fr: "le champ `{name}` n’existe pas ; aucun champ n’est attendu",
        vi: "không có trường `{name}`; ở đây không nhận trường nào",
    },
    Text {
        en: "unknown field `{name}`, expected one of {names}",
        fr: "le champ `{name}` n’existe pas ; au choix : {names}",
        vi: "không có trường `{name}`; hãy chọn một trong {names}",
    },
    Text {
        en: "unknown field `{name}`, expected {names}",
        fr: "le champ `{name}` n’existe pas ; attendu : {names}",
        vi: "không có trường `{name}`; cần {names}",
    },
    Text {
        en: "unknown variant `{name}`, expected one of {names}",
        fr: "`{name}` n’existe pas ; au choix : {names}",
        vi: "không có `{name}`; hãy chọn một trong {names}",
    },
    Text {
        en: "unknown variant `{name}`, expected {names}",
        fr: "`{name}` n’existe pas ; attendu : {names}",
        vi: "không có `{name}`; cần {names}",
    },
    Text {
        en: "`{one}` or `{other}`",
        fr: "`{one}` ou `{other}`",
        vi: "`{one}` hoặc `{other}`",
    },
    Text {
        en: "missing field `{name}`",
        fr: "il manque le champ `{name}`",
        vi: "thiếu trường `{name}`",
    },
    Text {
        en: "duplicate field `{name}`",
        fr: "le champ `{name}` s’y trouve deux fois",
        vi: "trường `{name}` xuất hiện hai lần",
    },
    Text {
        en: "Failed to deserialize query string: {why}",
        fr: "l’adresse ne se lit pas : {why}",
        vi: "không đọc được địa chỉ: {why}",
    },
    Text {
        en: "{why} at line {line} column {column}",
        fr: "{why}, ligne {line}, colonne {column}",
        vi: "{why}, dòng {line}, cột {column}",
    },
    Text {
        en: "EOF while parsing a list",
        fr: "le texte finit au milieu d’une liste",
        vi: "văn bản kết thúc giữa một danh sách",
    },
    Text {
        en: "EOF while parsing an object",
        fr: "le texte finit au milieu d’un objet",
        vi: "văn bản kết thúc giữa một đối tượng",
    },
    Text {
        en: "EOF while parsing a string",
        fr: "le texte finit au milieu d’une chaîne",
        vi: "văn bản kết thúc giữa một chuỗi",
    },
    Text {
        en: "EOF while parsing a value",
        fr: "le texte finit avant une valeur",
        vi: "văn bản kết thúc trước khi có giá trị",
    },
    Text {
        en: "expected `:`",
        fr: "il faut `:`",
        vi: "cần `:`",
    },
    Text {
        en: "expected `,` or {close}",
        fr: "il faut `,` ou {close}",
        vi: "cần `,` hoặc {close}",
    },
    Text {
        en: "expected ident",
        fr: "il faut true, false ou null",
        vi: "cần true, false hoặc null",
    },
    Text {
        en: "expected value",
        fr: "il faut une valeur",
        vi: "cần một giá trị",
    },
    Text {
        en: "expected `\"`",
        fr: "il faut `\"`",
        vi: "cần `\"`",
    },
    Text {
        en: "invalid escape",
        fr: "un caractère d’échappement inconnu",
        vi: "ký tự thoát không hợp lệ",
    },
    Text {
        en: "invalid number",
        fr: "un nombre mal écrit",
        vi: "số viết sai",
    },
    Text {
        en: "number out of range",
        fr: "un nombre trop grand",
        vi: "số quá lớn",
    },
    Text {
        en: "invalid unicode code point",
        fr: "un caractère Unicode qui n’existe pas",
        vi: "ký tự Unicode không tồn tại",
    },
    Text {
        en: "control character (\\u0000-\\u001F) found while parsing a string",
        fr: "un caractère de contrôle (\\u0000-\\u001F) dans une chaîne",
        vi: "ký tự điều khiển (\\u0000-\\u001F) trong một chuỗi",
    },
    Text {
        en: "key must be a string",
        fr: "une clé doit être une chaîne",
        vi: "khóa phải là một chuỗi",
    },
    Text {
        en: "lone leading surrogate in hex escape",
        fr: "la moitié d’un caractère Unicode",
        vi: "nửa ký tự Unicode",
    },
    Text {
        en: "trailing comma",
        fr: "une virgule de trop",
        vi: "thừa dấu phẩy",
    },
    Text {
        en: "trailing characters",
        fr: "du texte après la fin",
        vi: "còn chữ sau khi đã kết thúc",
    },
    Text {
        en: "unexpected end of hex escape",
        fr: "un échappement \\u inachevé",
        vi: "mã thoát \\u chưa đủ",
    },
    Text {
        en: "recursion limit exceeded",
        fr: "trop de niveaux les uns dans les autres",
        vi: "lồng quá nhiều cấp",
    },
    Text {
        en: "it is no base64 text: {why}",
        fr: "ce n’est pas du texte base64 : {why}",
        vi: "không phải văn bản base64: {why}",
    },
    Text {
        en: "Invalid symbol {symbol}, offset {place}.",
        fr: "symbole {symbol} à la place {place}",
        vi: "ký tự {symbol} ở vị trí {place}",
    },
    Text {
        en: "Invalid last symbol {symbol}, offset {place}.",
        fr: "dernier symbole {symbol} à la place {place}",
        vi: "ký tự cuối {symbol} ở vị trí {place}",
    },
    Text {
        en: "Invalid input length: {length}",
        fr: "longueur {length}",
        vi: "độ dài {length}",
    },
    Text {
        en: "Invalid padding",
        fr: "remplissage fautif",
        vi: "phần đệm sai",
    },
    Text {
        en: "it is empty; expected an image file as base64 text",
        fr: "il est vide ; attendu : un fichier d’image en base64",
        vi: "trống; cần một tệp ảnh dạng base64",
    },
    Text {
        en: "a data: address must read data:image/png;base64,… here",
        fr: "une adresse data: s’écrit ici data:image/png;base64,…",
        vi: "địa chỉ data: ở đây phải viết data:image/png;base64,…",
    },
    Text {
        en: "boolean `{value}`",
        fr: "`{value}`",
        vi: "`{value}`",
    },
    Text {
        en: "integer `{value}`",
        fr: "le nombre {value}",
        vi: "số {value}",
    },
    Text {
        en: "floating point `{value}`",
        fr: "le nombre {value}",
        vi: "số {value}",
    },
    Text {
        en: "string {value}",
        fr: "le texte {value}",
        vi: "chữ {value}",
    },
    Text {
        en: "null",
        fr: "null",
        vi: "null",
    },
    Text {
        en: "sequence",
        fr: "une liste",
        vi: "một danh sách",
    },
    Text {
        en: "map",
        fr: "un objet",
        vi: "một đối tượng",
    },
    Text {
        en: "a boolean",
        fr: "true ou false",
        vi: "true hoặc false",
    },
    Text {
        en: "a string",
        fr: "un texte",
        vi: "một chuỗi chữ",
    },
    Text {
        en: "a map",
        fr: "un objet",
        vi: "một đối tượng",
    },
    Text {
        en: "a sequence",
        fr: "une liste",
        vi: "một danh sách",
    },
    Text {
        en: "struct {name}",
        fr: "un objet",
        vi: "một đối tượng",
    },
    Text {
        en: "true or false",
        fr: "true ou false",
        vi: "true hoặc false",
    },
    Text {
        en: "expected {expected}",
        fr: "attendu : {expected}",
        vi: "cần {expected}",
    },
    Text {
        en: "a kind of image file, such as png",
        fr: "un type de fichier d’image, tel que png",
        vi: "một loại tệp ảnh, chẳng hạn png",
    },
    Text {
        en: "an object with from, to and steps",
        fr: "un objet avec from, to et steps",
        vi: "một đối tượng có from, to và steps",
    },
    Text {
        en: "an object with seed, latent or image, and a weight",
        fr: "un objet avec seed, latent ou image, et un poids weight",
        vi: "một đối tượng có seed, latent hoặc image, kèm trọng số weight",
    },
    Text {
        en: "an object with width and height",
        fr: "un objet avec width et height",
        vi: "một đối tượng có width và height",
    },
    Text {
        en: "a whole number or {object}",
        fr: "un nombre entier ou {object}",
        vi: "một số nguyên hoặc {object}",
    },
    Text {
        en: "a style's name or {object}",
        fr: "le nom d’un style ou {object}",
        vi: "tên một phong cách hoặc {object}",
    },
    Text {
        en: "an object with the fields of a request",
        fr: "un objet avec les champs d’une requête",
        vi: "một đối tượng gồm các trường của yêu cầu",
    },
    Text {
        en: "the name of a field",
        fr: "le nom d’un champ",
        vi: "tên một trường",
    },
    Text {
        en: "a whole number from 0",
        fr: "un nombre entier à partir de 0",
        vi: "một số nguyên từ 0",
    },
    Text {
        en: "a whole number from 0 to {most}",
        fr: "un nombre entier de 0 à {most}",
        vi: "một số nguyên từ 0 đến {most}",
    },
    Text {
        en: "a whole number of at most 64 bits, where -1 is any",
        fr: "un nombre entier d’au plus 64 bits, où -1 veut dire « au hasard »",
        vi: "một số nguyên không quá 64 bit, với -1 là bất kỳ",
    },
    Text {
        en: "a number",
        fr: "un nombre",
        vi: "một con số",
    },
    Text {
        en: "a number between -3.4e38 and 3.4e38",
        fr: "un nombre entre -3.4e38 et 3.4e38",
        vi: "một con số từ -3.4e38 đến 3.4e38",
    },
    Text {
        en: "a number, or a list of numbers",
        fr: "un nombre, ou une liste de nombres",
        vi: "một con số, hoặc một danh sách số",
    },
    Text {
        en: "a list of numbers",
        fr: "une liste de nombres",
        vi: "một danh sách số",
    },
    Text {
        en: "a list of numbers, or a list of such lists",
        fr: "une liste de nombres, ou une liste de telles listes",
        vi: "một danh sách số, hoặc một danh sách các danh sách ấy",
    },
    Text {
        en: "a list of numbers, {seed}, {image} or {prompt}",
        fr: "une liste de nombres, {seed}, {image} ou {prompt}",
        vi: "một danh sách số, {seed}, {image} hoặc {prompt}",
    },
    Text {
        en: "numbers and lists of numbers stand side by side",
        fr: "des nombres et des listes de nombres sont mêlés",
        vi: "số và danh sách số nằm lẫn nhau",
    },
    Text {
        en: "either seed or image, or prompt with or without seed",
        fr: "soit seed, soit image, soit prompt avec ou sans seed",
        vi: "seed hoặc image, hoặc prompt có hay không kèm seed",
    },
    Text {
        en: "exactly one of seed, latent and image",
        fr: "un seul parmi seed, latent et image",
        vi: "đúng một trong seed, latent và image",
    },
    Text {
        en: "true, false or {columns}",
        fr: "true, false ou {columns}",
        vi: "true, false hoặc {columns}",
    },
    Text {
        en: "a label's name, its index, true or false",
        fr: "le nom d’une étiquette, son numéro, true ou false",
        vi: "tên một nhãn, số thứ tự của nó, true hoặc false",
    },
    Text {
        en: "a label's name, its index, true or false, or an object of such by axis",
        fr: "le nom d’une étiquette, son numéro, true ou false, ou un objet de ceux-ci par axe",
        vi: "tên một nhãn, số thứ tự của nó, true hoặc false, hoặc một đối tượng gồm các giá trị đó theo trục",
    },
    Text {
        en: "an image file as base64 text",
        fr: "un fichier d’image en base64",
        vi: "một tệp ảnh dạng base64",
    },
    Text {
        en: "an image file as base64 text, or {object}",
        fr: "un fichier d’image en base64, ou {object}",
        vi: "một tệp ảnh dạng base64, hoặc {object}",
    },
    Text {
        en: "an image, or a list of images",
        fr: "une image, ou une liste d’images",
        vi: "một ảnh, hoặc một danh sách ảnh",
    },
    Text {
        en: "a style's name, an object of weights by name, or an image as a data: address",
        fr: "le nom d’un style, un objet de poids par nom, ou une image en adresse data:",
        vi: "tên một phong cách, một đối tượng gồm trọng số theo tên, hoặc một ảnh dạng địa chỉ data:",
    },
    Text {
        en: "multipart boundary not found in Content-Type",
        fr: "il manque boundary dans Content-Type",
        vi: "thiếu boundary trong Content-Type",
    },
    Text {
        en: "incomplete multipart stream",
        fr: "il s’interrompt",
        vi: "nó bị đứt giữa chừng",
    },
    Text {
        en: "field {name} received with incomplete data",
        fr: "la partie {name} s’interrompt",
        vi: "phần {name} bị đứt giữa chừng",
    },
    Text {
        en: "failed to read field complete headers",
        fr: "les en-têtes d’une partie s’interrompent",
        vi: "phần đầu của một phần bị đứt giữa chừng",
    },
    Text {
        en: "failed to read headers",
        fr: "les en-têtes d’une partie ne se lisent pas",
        vi: "không đọc được phần đầu của một phần",
    },
    Text {
        en: "failed to decode field's raw header name: {name}",
        fr: "l’en-tête {name} d’une partie ne se lit pas",
        vi: "không đọc được tiêu đề {name} của một phần",
    },
    Text {
        en: "failed to decode field's raw header value",
        fr: "un en-tête d’une partie ne se lit pas",
        vi: "không đọc được một tiêu đề của một phần",
    },
];
