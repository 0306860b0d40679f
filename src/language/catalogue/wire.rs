//! What the wire says by itself: of addresses, bodies, and the forms of an answer.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "the server failed; its log says why under this request_id",
        fr: "le serveur a échoué ; son journal dit pourquoi sous ce request_id",
        vi: "máy chủ gặp lỗi; nhật ký ghi lý do dưới request_id này",
    },
    Text {
        en: "there is no problem {slug}; the problems are {known}",
        fr: "il n’y a pas de problème {slug} ; les problèmes sont {known}",
        vi: "không có vấn đề {slug}; các vấn đề là {known}",
    },
    Text {
        en: "an image file holds one image, and this request makes {count}; accept {json}, or ask for one, for a grid, or for a walk as an animation",
        fr: "un fichier d’image tient une image, et cette requête en fait {count} ; acceptez {json}, ou demandez-en une, une planche, ou un chemin en animation",
        vi: "một tệp ảnh chứa một ảnh, mà yêu cầu này tạo {count}; hãy nhận {json}, hoặc xin một ảnh, một bảng ảnh, hay một đường đi dạng hình động",
    },
    Text {
        en: "the answer can be one of {kinds}, and Accept allows none of them",
        fr: "la réponse peut être sous une de ces formes : {kinds} ; Accept n’en permet aucune",
        vi: "câu trả lời có thể ở một trong các dạng {kinds}, mà Accept không cho phép dạng nào",
    },
    Text {
        en: "only PNG files carry the text parameters",
        fr: "seuls les fichiers PNG portent le texte `parameters`",
        vi: "chỉ tệp PNG mang đoạn chữ parameters",
    },
    Text {
        en: "{name} and {others} more were not set: there are no such options",
        fr: "{name} et {others} autres n’ont pas été réglées : ces options n’existent pas",
        vi: "{name} và {others} tùy chọn khác không được đặt: không có các tùy chọn đó",
    },
    Text {
        en: "{name} was not set: there is no such option",
        fr: "{name} n’a pas été réglé : cette option n’existe pas",
        vi: "{name} không được đặt: không có tùy chọn này",
    },
    Text {
        en: "{name} is kept in a cookie of yours and changes nothing for others; without cookies, send it in override_settings with each request, or start the server with --a1111-shared-options",
        fr: "{name} est gardé dans un cookie à vous et ne change rien pour les autres ; sans cookies, envoyez-le dans override_settings à chaque requête, ou lancez le serveur avec --a1111-shared-options",
        vi: "{name} được giữ trong cookie của bạn và không ảnh hưởng ai khác; nếu không có cookie, hãy gửi nó trong override_settings với mỗi yêu cầu, hoặc chạy máy chủ với --a1111-shared-options",
    },
    Text {
        en: "{field} was not used: {why}",
        fr: "{field} n’a pas servi : {why}",
        vi: "{field} không được dùng: {why}",
    },
    Text {
        en: "{field} {value} became {nearest}: {model} takes {range}",
        fr: "{field} {value} est devenu {nearest} : {model} prend {range}",
        vi: "{field} {value} được đổi thành {nearest}: {model} nhận {range}",
    },
    Text {
        en: "{what} {width}x{height} became {wide}x{high}: {model} paints {paints}",
        fr: "{what} {width}x{height} est devenu {wide}x{high} : {model} peint {paints}",
        vi: "{what} {width}x{height} được đổi thành {wide}x{high}: {model} vẽ {paints}",
    },
    Text {
        en: "there is no {name} here; {model} painted instead, the default model",
        fr: "il n’y a pas de {name} ici ; {model} a peint à sa place, le modèle par défaut",
        vi: "ở đây không có {name}; {model}, mô hình mặc định, đã vẽ thay",
    },
    Text {
        en: "the mask has no transparent pixel, so its white ones were painted anew",
        fr: "le masque n’a aucun pixel transparent : ses pixels blancs ont été repeints",
        vi: "mặt nạ không có điểm ảnh trong suốt, nên các điểm trắng được vẽ lại",
    },
    Text {
        en: "no generation {id} is under way",
        fr: "aucune génération {id} n’est en cours",
        vi: "không có lượt tạo ảnh {id} nào đang chạy",
    },
    Text {
        en: "the folder of the model {model} can't serve: {reason}; the model goes on as it was",
        fr: "le dossier du modèle {model} ne peut pas servir : {reason} ; le modèle reste tel qu’il était",
        vi: "thư mục của mô hình {model} không dùng được: {reason}; mô hình vẫn chạy như cũ",
    },
    Text {
        en: "on a server without keys this is answered on loopback alone; give it keys (atelier keys add), or ask on the port of --admin-listen",
        fr: "sur un serveur sans clés, on n’y répond que sur la boucle locale ; donnez-lui des clés (atelier keys add), ou passez par le port de --admin-listen",
        vi: "trên máy chủ không có khóa, việc này chỉ được trả lời trên loopback; hãy đặt khóa (atelier keys add), hoặc dùng cổng của --admin-listen",
    },
    Text {
        en: "the folder of the model {id} has no samples.png",
        fr: "le dossier du modèle {id} n’a pas de samples.png",
        vi: "thư mục của mô hình {id} không có samples.png",
    },
    Text {
        en: "found {found}, expected a whole number from 0",
        fr: "trouvé {found} ; il faut un nombre entier à partir de 0",
        vi: "thấy {found}; cần một số nguyên từ 0",
    },
    Text {
        en: "there is nothing at {path}; GET /docs shows what there is",
        fr: "il n’y a rien à {path} ; GET /docs montre ce qu’il y a",
        vi: "không có gì ở {path}; GET /docs cho xem những gì có",
    },
    Text {
        en: "{path} doesn't take {method}; Allow says what it takes",
        fr: "{path} n’accepte pas {method} ; Allow dit ce qu’il accepte",
        vi: "{path} không nhận {method}; Allow nói nó nhận gì",
    },
    Text {
        en: "not JSON: {why}",
        fr: "ce n’est pas du JSON : {why}",
        vi: "không phải JSON: {why}",
    },
    Text {
        en: "expected text",
        fr: "il faut du texte",
        vi: "cần là chữ",
    },
    Text {
        en: "the body is an array; expected an object",
        fr: "le corps est une liste ; attendu : un objet",
        vi: "thân yêu cầu là danh sách; cần một đối tượng",
    },
    Text {
        en: "the body broke off: {error}",
        fr: "le corps s’est interrompu : {error}",
        vi: "thân yêu cầu bị ngắt: {error}",
    },
    Text {
        en: "the body did not arrive within {seconds} s",
        fr: "le corps n’est pas arrivé en {seconds} s",
        vi: "thân yêu cầu không đến trong {seconds} giây",
    },
    Text {
        en: "the body is larger than {limit} bytes, the most that is taken",
        fr: "le corps dépasse {limit} octets, le maximum accepté",
        vi: "thân yêu cầu lớn hơn {limit} byte, mức nhiều nhất được nhận",
    },
    Text {
        en: "the body is too large: {why}",
        fr: "le corps est trop grand : {why}",
        vi: "thân yêu cầu quá lớn: {why}",
    },
    Text {
        en: "the body must be {taken}, and its type isn't stated; set Content-Type",
        fr: "le corps doit être {taken}, et son type n’est pas indiqué ; mettez Content-Type",
        vi: "thân yêu cầu phải là {taken}, mà kiểu của nó không được khai; hãy đặt Content-Type",
    },
    Text {
        en: "the body must be {taken}, not {found}; set Content-Type",
        fr: "le corps doit être {taken}, et non {found} ; mettez Content-Type",
        vi: "thân yêu cầu phải là {taken}, không phải {found}; hãy đặt Content-Type",
    },
    Text {
        en: "the body must not be compressed; leave Content-Encoding out",
        fr: "le corps ne doit pas être compressé ; retirez Content-Encoding",
        vi: "thân yêu cầu không được nén; hãy bỏ Content-Encoding",
    },
    Text {
        en: "there was no memory for the body; try again",
        fr: "il n’y avait pas de mémoire pour le corps ; réessayez",
        vi: "không còn bộ nhớ cho thân yêu cầu; hãy thử lại",
    },
    Text {
        en: "stands in the address; fields go into the JSON body",
        fr: "se trouve dans l’adresse ; les champs vont dans le corps JSON",
        vi: "nằm trong địa chỉ; các trường phải ở trong thân JSON",
    },
    Text {
        en: "unknown; expected model, class or deadline_ms",
        fr: "inconnu ; attendu : model, class ou deadline_ms",
        vi: "không có; cần model, class hoặc deadline_ms",
    },
    Text {
        en: "only an event stream has previews; send Accept: text/event-stream, or leave it out",
        fr: "seul un flux d’événements a des aperçus ; envoyez Accept: text/event-stream, ou retirez-le",
        vi: "chỉ luồng sự kiện mới có ảnh xem trước; hãy gửi Accept: text/event-stream, hoặc bỏ trường này",
    },
    Text {
        en: "the address isn't UTF-8 text; GET /docs shows what there is",
        fr: "l’adresse n’est pas du texte UTF-8 ; GET /docs montre ce qu’il y a",
        vi: "địa chỉ không phải văn bản UTF-8; GET /docs cho xem có những gì",
    },
    Text {
        en: "there is no Host header",
        fr: "il n’y a pas d’en-tête Host",
        vi: "không có tiêu đề Host",
    },
    Text {
        en: "there are several Host headers",
        fr: "il y a plusieurs en-têtes Host",
        vi: "có nhiều tiêu đề Host",
    },
    Text {
        en: "{host} is none of the names of this server; it goes by {allowed} (see --hosts)",
        fr: "{host} n’est pas un nom de ce serveur ; il s’appelle {allowed} (voir --hosts)",
        vi: "{host} không phải tên của máy chủ này; tên của nó là {allowed} (xem --hosts)",
    },
    Text {
        en: "pages of {origin} may not ask here (see --cors)",
        fr: "les pages de {origin} n’ont pas le droit de demander ici (voir --cors)",
        vi: "trang của {origin} không được phép gọi đến đây (xem --cors)",
    },
    Text {
        en: "send a key as Authorization: Bearer or as x-api-key",
        fr: "envoyez une clé dans Authorization: Bearer ou dans x-api-key",
        vi: "hãy gửi khóa trong Authorization: Bearer hoặc x-api-key",
    },
    Text {
        en: "the key that was sent is not valid here",
        fr: "la clé envoyée n’est pas valable ici",
        vi: "khóa đã gửi không dùng được ở đây",
    },
    Text {
        en: "this needs a key with the scope {needed}",
        fr: "il faut une clé de portée {needed}",
        vi: "cần khóa có quyền {needed}",
    },
    Text {
        en: "all connections are busy; try again in a moment",
        fr: "toutes les connexions sont prises ; réessayez dans un instant",
        vi: "mọi kết nối đều bận; hãy thử lại sau giây lát",
    },
    Text {
        en: "{limit} requests are allowed in {seconds} s",
        fr: "{limit} requêtes sont permises en {seconds} s",
        vi: "được phép {limit} yêu cầu trong {seconds} giây",
    },
    Text {
        en: "there are {count} more warnings",
        fr: "il y a {count} autres avertissements",
        vi: "còn {count} lời cảnh báo nữa",
    },
    Text {
        en: "not UTF-8 from byte {place} on; JSON has no other encoding",
        fr: "pas de l’UTF-8 à partir de l’octet {place} ; JSON n’a pas d’autre codage",
        vi: "không phải UTF-8 từ byte {place}; JSON không có bảng mã khác",
    },
];
