//! What files say of where they come from.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "the judge {judge} flags the image: {label}, {score}",
        fr: "le juge {judge} signale l’image : {label}, {score}",
        vi: "giám khảo {judge} đánh dấu bức ảnh: {label}, {score}",
    },
    Text {
        en: "the judge {judge} could not look at the image, which counts as flagged: {label}",
        fr: "le juge {judge} n’a pas pu regarder l’image, qui compte comme signalée : {label}",
        vi: "giám khảo {judge} không xem được bức ảnh, nên coi như bị đánh dấu: {label}",
    },
    Text {
        en: "the image is not given out: the judge {judge} flags it as {label}; ask for something else, or for another seed",
        fr: "l’image n’est pas donnée : le juge {judge} la signale comme {label} ; demandez autre chose, ou une autre graine",
        vi: "bức ảnh không được giao: giám khảo {judge} đánh dấu là {label}; hãy yêu cầu nội dung khác, hoặc hạt giống khác",
    },
    Text {
        en: "unfinished images are not shown here, since each image is judged before it is given out",
        fr: "les images inachevées ne sont pas montrées ici, chaque image étant jugée avant d’être donnée",
        vi: "ở đây không hiện ảnh dở dang, vì mỗi bức được xét trước khi giao",
    },
    Text {
        en: "the file is none that pictures are looked for in: PNG, JPEG, WebP, GIF, AVIF or HEIC",
        fr: "le fichier n’est d’aucun des formats examinés : PNG, JPEG, WebP, GIF, AVIF ou HEIC",
        vi: "tệp không thuộc định dạng ảnh nào được xem xét: PNG, JPEG, WebP, GIF, AVIF hay HEIC",
    },
    Text {
        en: "it is longer than {most} bytes",
        fr: "elle dépasse {most} octets",
        vi: "nó dài hơn {most} byte",
    },
    Text {
        en: "it is compressed, which is not read here",
        fr: "elle est compressée, ce qui n’est pas lu ici",
        vi: "nó bị nén, và ở đây không đọc dạng đó",
    },
    Text {
        en: "it is nested too deep",
        fr: "elle est imbriquée trop profondément",
        vi: "nó lồng nhau quá sâu",
    },
    Text {
        en: "it is damaged ({reason})",
        fr: "elle est abîmée ({reason})",
        vi: "nó bị hỏng ({reason})",
    },
    Text {
        en: "the file was changed after it was signed",
        fr: "le fichier a été modifié après sa signature",
        vi: "tệp đã bị sửa sau khi ký",
    },
    Text {
        en: "a part of the statement was changed after it was signed",
        fr: "une partie de la déclaration a été modifiée après sa signature",
        vi: "một phần tuyên bố đã bị sửa sau khi ký",
    },
    Text {
        en: "the signature doesn't fit the statement or its certificate",
        fr: "la signature ne correspond pas à la déclaration ou à son certificat",
        vi: "chữ ký không khớp với tuyên bố hoặc chứng thư của nó",
    },
    Text {
        en: "the statement isn't signed",
        fr: "la déclaration n’est pas signée",
        vi: "tuyên bố không có chữ ký",
    },
    Text {
        en: "the certificate wasn't valid when it was signed",
        fr: "le certificat n’était pas valable au moment de la signature",
        vi: "chứng thư không có hiệu lực vào lúc ký",
    },
    Text {
        en: "the certificate is none that files may be signed with",
        fr: "ce certificat ne permet pas de signer des fichiers",
        vi: "chứng thư này không được phép dùng để ký tệp",
    },
    Text {
        en: "the certificate was revoked",
        fr: "le certificat a été révoqué",
        vi: "chứng thư đã bị thu hồi",
    },
    Text {
        en: "nobody who is trusted here vouches for the certificate",
        fr: "personne à qui l’on se fie ici ne se porte garant du certificat",
        vi: "không ai được tin cậy ở đây bảo đảm cho chứng thư này",
    },
    Text {
        en: "what it says of the picture that it was made from doesn't hold ({code})",
        fr: "ce qu’elle dit de l’image d’origine n’est pas valable ({code})",
        vi: "điều nó nói về ảnh gốc không hợp lệ ({code})",
    },
    Text {
        en: "a part of the statement doesn't hold ({code})",
        fr: "une partie de la déclaration n’est pas valable ({code})",
        vi: "một phần tuyên bố không hợp lệ ({code})",
    },
    Text {
        en: "It carries a signed statement, which can't be read: {why}.",
        fr: "Il porte une déclaration signée, qui ne peut être lue : {why}.",
        vi: "Tệp mang một tuyên bố có chữ ký nhưng không đọc được: {why}.",
    },
    Text {
        en: "The file says nothing of where it comes from. That proves nothing: most pictures say nothing, and what a file says is easily taken out.",
        fr: "Le fichier ne dit rien de son origine. Cela ne prouve rien : la plupart des images ne disent rien, et ce qu’un fichier dit s’enlève facilement.",
        vi: "Tệp không nói gì về nguồn gốc của nó. Điều đó không chứng minh gì cả: phần lớn ảnh không nói gì, và điều một tệp nói rất dễ bị xoá.",
    },
    Text {
        en: "a trained model made it, {model}",
        fr: "un modèle entraîné ({model}) a créé l’image",
        vi: "ảnh do một mô hình học máy tạo ra, {model}",
    },
    Text {
        en: "Its unsigned metadata says: {what}. Anybody could have written that.",
        fr: "Ses métadonnées, non signées, disent : {what}. N’importe qui a pu l’écrire.",
        vi: "Siêu dữ liệu không có chữ ký của tệp nói: {what}. Bất cứ ai cũng có thể viết điều đó.",
    },
    Text {
        en: "It holds the settings that tools for generating images write into their files, unsigned.",
        fr: "Il contient les réglages que les outils de génération d’images écrivent dans leurs fichiers, sans signature.",
        vi: "Tệp chứa các thiết lập mà công cụ tạo ảnh thường ghi vào tệp, không có chữ ký.",
    },
    Text {
        en: "somebody without a name",
        fr: "quelqu’un sans nom",
        vi: "một người không tên",
    },
    Text {
        en: "It carries a statement that {signer} has signed. Somebody who is trusted here vouches for that name, and nothing in the file has changed since.",
        fr: "Il porte une déclaration signée par {signer}. Quelqu’un à qui l’on se fie ici se porte garant de ce nom, et rien dans le fichier n’a changé depuis.",
        vi: "Tệp mang một tuyên bố do {signer} ký. Có bên được tin cậy ở đây bảo đảm cho tên này, và từ đó đến nay tệp không bị thay đổi.",
    },
    Text {
        en: "It carries a statement that was signed in the name of {signer}. Nothing in the file has changed since, but nobody who is trusted here vouches for that name.",
        fr: "Il porte une déclaration signée au nom de « {signer} ». Rien dans le fichier n’a changé depuis, mais personne à qui l’on se fie ici ne se porte garant de ce nom.",
        vi: "Tệp mang một tuyên bố được ký với tên {signer}. Từ đó đến nay tệp không bị thay đổi, nhưng không ai được tin cậy ở đây bảo đảm cho tên này.",
    },
    Text {
        en: "It carries a statement that was signed in the name of {signer}, and it doesn't hold: {why}.",
        fr: "Il porte une déclaration signée au nom de « {signer} », mais elle n’est pas valable : {why}.",
        vi: "Tệp mang một tuyên bố được ký với tên {signer}, nhưng tuyên bố đó không còn hợp lệ: {why}.",
    },
    Text {
        en: "It was signed at {time}.",
        fr: "Il a été signé le {time}.",
        vi: "Tệp được ký lúc {time}.",
    },
    Text {
        en: "By the statement, {what}, with {agent}.",
        fr: "Selon la déclaration, {what}, avec {agent}.",
        vi: "Theo tuyên bố, {what}, bằng {agent}.",
    },
    Text {
        en: "By the statement, which {generator} has written, {what}.",
        fr: "Selon la déclaration, écrite par {generator}, {what}.",
        vi: "Theo tuyên bố do {generator} viết, {what}.",
    },
    Text {
        en: "By the statement, {what}.",
        fr: "Selon la déclaration, {what}.",
        vi: "Theo tuyên bố, {what}.",
    },
    Text {
        en: "It was made from another picture, of which nothing is known.",
        fr: "L’image a été créée à partir d’une autre, dont on ne sait rien.",
        vi: "Ảnh được làm từ một ảnh khác, không rõ nguồn gốc.",
    },
    Text {
        en: "It was made from another picture, whose own signed statement is still with it.",
        fr: "L’image a été créée à partir d’une autre, dont la déclaration signée est encore là.",
        vi: "Ảnh được làm từ một ảnh khác, và tuyên bố có chữ ký của ảnh đó vẫn còn kèm theo.",
    },
    Text {
        en: "It was made from {count} other pictures; the signed statements of {known} are still with it.",
        fr: "L’image a été créée à partir de {count} autres ; les déclarations signées de {known} d’entre elles sont encore là.",
        vi: "Ảnh được làm từ {count} ảnh khác; tuyên bố có chữ ký của {known} ảnh vẫn còn kèm theo.",
    },
    Text {
        en: "a trained model made it",
        fr: "un modèle entraîné a créé l’image",
        vi: "ảnh do một mô hình học máy tạo ra",
    },
    Text {
        en: "a trained model changed it or added to it",
        fr: "un modèle entraîné a modifié ou complété l’image",
        vi: "một mô hình học máy đã sửa hoặc thêm vào ảnh",
    },
    Text {
        en: "a camera took it",
        fr: "un appareil photo a pris l’image",
        vi: "ảnh do máy ảnh chụp",
    },
    Text {
        en: "it was made in another way",
        fr: "l’image a été créée autrement",
        vi: "ảnh được tạo theo cách khác",
    },
    Text {
        en: "this server doesn't paint that",
        fr: "ce serveur ne peint pas cela",
        vi: "máy chủ này không vẽ nội dung đó",
    },
    Text {
        en: "Its pixels carry a watermark, {payload}, that was made with the key that is known here: a trained model made the picture or changed it.",
        fr: "Ses pixels portent un filigrane, {payload}, fait avec la clé connue ici : un modèle entraîné a fait cette image ou l’a modifiée.",
        vi: "Các điểm ảnh mang một dấu chìm, {payload}, được tạo bằng khoá đã biết ở đây: một mô hình học máy đã tạo ra hoặc sửa ảnh này.",
    },
    Text {
        en: "Its pixels carry a watermark, {payload}, that was made with another key than the one that is known here.",
        fr: "Ses pixels portent un filigrane, {payload}, fait avec une autre clé que celle connue ici.",
        vi: "Các điểm ảnh mang một dấu chìm, {payload}, được tạo bằng một khoá khác với khoá đã biết ở đây.",
    },
    Text {
        en: "Its pixels carry a watermark, {payload}. Whose it is, nobody can tell without the key.",
        fr: "Ses pixels portent un filigrane, {payload}. Sans la clé, personne ne peut dire de qui il est.",
        vi: "Các điểm ảnh mang một dấu chìm, {payload}. Không có khoá thì không ai biết dấu đó của ai.",
    },
    Text {
        en: "No watermark was found in its pixels.",
        fr: "Aucun filigrane n’a été trouvé dans ses pixels.",
        vi: "Không tìm thấy dấu chìm nào trong các điểm ảnh.",
    },
    Text {
        en: "Its pixels were not looked at for a watermark: {why}.",
        fr: "On n’a pas cherché de filigrane dans ses pixels : {why}.",
        vi: "Chưa tìm dấu chìm trong các điểm ảnh: {why}.",
    },
    Text {
        en: "an image leaves too little room for a watermark, and has none",
        fr: "une image laisse trop peu de place pour un filigrane, et n’en porte pas",
        vi: "ảnh không đủ chỗ cho dấu chìm, nên không có dấu",
    },
    Text {
        en: "an image with a side below {least} pixels is too small for a watermark, and has none",
        fr: "une image dont un côté a moins de {least} pixels est trop petite pour un filigrane, et n’en porte pas",
        vi: "ảnh có một cạnh dưới {least} điểm ảnh thì quá nhỏ để mang dấu chìm, nên không có dấu",
    },
];
