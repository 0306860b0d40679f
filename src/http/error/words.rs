//! What each kind of problem is called, and what it means, in three languages.

use super::Kind;
use crate::language::Text;

impl Kind {
    /// Its title, and when it happens with what to do about it.
    pub(super) fn words(self) -> (Text, Text) {
        let [title, meaning] = match self {
            Self::BadHost => [
                Text {
                    en: "The Host header is missing or not allowed",
                    fr: "L’en-tête Host manque ou n’est pas permis",
                    vi: "Tiêu đề Host bị thiếu hoặc không được phép",
                },
                Text {
                    en: "There must be one `Host` header, and it must name this server: as one of the names that the operator allows, where there is such a list.",
                    fr: "Il faut un seul en-tête `Host`, et il doit nommer ce serveur : par un des noms que l’exploitant permet, s’il y en a une liste.",
                    vi: "Phải có đúng một đầu mục `Host`, và nó phải là tên của máy chủ này: một trong những tên được phép, nếu có danh sách ấy.",
                },
            ],
            Self::MissingKey => [
                Text {
                    en: "A key is needed",
                    fr: "Il faut une clé",
                    vi: "Cần có khóa",
                },
                Text {
                    en: "Send a key that the operator gave you as `Authorization: Bearer …` or as `x-api-key`. The one that was sent, if any, is not valid here.",
                    fr: "Envoyez la clé que l’exploitant vous a donnée dans `Authorization: Bearer …` ou `x-api-key`. Celle qui a été envoyée, s’il y en a une, n’est pas valable ici.",
                    vi: "Hãy gửi khóa mà người vận hành đã cấp qua `Authorization: Bearer …` hoặc `x-api-key`. Khóa vừa gửi, nếu có, không có hiệu lực ở đây.",
                },
            ],
            Self::KeyNotEnough => [
                Text {
                    en: "The key doesn't allow this",
                    fr: "La clé ne suffit pas",
                    vi: "Khóa này không đủ quyền",
                },
                Text {
                    en: "The key is known and has other scopes. `detail` names the one that it lacks.",
                    fr: "La clé est connue et a d’autres droits. `detail` nomme celui qui lui manque.",
                    vi: "Khóa hợp lệ nhưng có quyền khác. `detail` nêu quyền còn thiếu.",
                },
            ],
            Self::ForeignOrigin => [
                Text {
                    en: "Requests from pages of this origin are not allowed",
                    fr: "Les pages de cette origine n’ont pas le droit de demander",
                    vi: "Trang từ nguồn này không được phép gửi yêu cầu",
                },
                Text {
                    en: "A browser sent this on behalf of a page of another origin, which the operator hasn't allowed.",
                    fr: "Un navigateur l’a envoyée pour une page d’une autre origine, que l’exploitant n’a pas permise.",
                    vi: "Trình duyệt gửi yêu cầu này thay cho một trang từ nguồn khác mà người vận hành chưa cho phép.",
                },
            ],
            Self::TooOften => [
                Text {
                    en: "Too many requests",
                    fr: "Trop de demandes",
                    vi: "Gửi yêu cầu quá nhiều lần",
                },
                Text {
                    en: "Come back after the seconds in `Retry-After`. `RateLimit-Policy` says how many requests are allowed in how much time.",
                    fr: "Revenez après les secondes de `Retry-After`. `RateLimit-Policy` dit combien de requêtes sont permises en combien de temps.",
                    vi: "Hãy quay lại sau số giây trong `Retry-After`. `RateLimit-Policy` cho biết được gửi bao nhiêu yêu cầu trong bao lâu.",
                },
            ],
            Self::UnreadableBody => [
                Text {
                    en: "The body can't be read",
                    fr: "Le corps de la requête est illisible",
                    vi: "Không đọc được nội dung yêu cầu",
                },
                Text {
                    en: "The body is not JSON, or it broke off. `detail` names the line and the column.",
                    fr: "Le corps n’est pas du JSON, ou il s’est interrompu. `detail` donne la ligne et la colonne.",
                    vi: "Nội dung không phải JSON, hoặc bị đứt giữa chừng. `detail` nêu dòng và cột.",
                },
            ],
            Self::InvalidField => [
                Text {
                    en: "A field's value can't be honoured",
                    fr: "La valeur d’un champ ne convient pas",
                    vi: "Giá trị của một trường không dùng được",
                },
                Text {
                    en: "A field is unknown, has the wrong type, is out of range, or is not taken by this model. `field` is its path, and `detail` says what would be right.",
                    fr: "Un champ est inconnu, du mauvais type, hors limites, ou n’est pas pris par ce modèle. `field` est son chemin, et `detail` dit ce qui conviendrait.",
                    vi: "Một trường không có thật, sai kiểu, ngoài giới hạn, hoặc mô hình này không nhận. `field` là đường dẫn của nó, `detail` nói thế nào mới đúng.",
                },
            ],
            Self::Denied => [
                Text {
                    en: "This server doesn't paint that",
                    fr: "Ce serveur ne peint pas cela",
                    vi: "Máy chủ này không vẽ nội dung đó",
                },
                Text {
                    en: "The operator has a list of words that nothing is painted for, and `field` holds some of them. `detail` has the operator's reason. Ask for something else.",
                    fr: "L’exploitant tient une liste de mots pour lesquels rien n’est peint, et `field` en contient. `detail` donne sa raison. Demandez autre chose.",
                    vi: "Người vận hành có danh sách những từ không được vẽ, và `field` chứa một trong số đó. `detail` nêu lý do của họ. Hãy yêu cầu nội dung khác.",
                },
            ],
            Self::Flagged => [
                Text {
                    en: "The image is not given out",
                    fr: "L’image n’est pas donnée",
                    vi: "Bức ảnh không được giao",
                },
                Text {
                    en: "The operator has every finished image looked at by a judge, a classifier, which flags this one. `detail` names the judge and what it saw. Judges err: ask for something else, or for another seed.",
                    fr: "L’exploitant fait regarder chaque image finie par un juge, un classifieur, qui signale celle-ci. `detail` nomme le juge et ce qu’il a vu. Les juges se trompent : demandez autre chose, ou une autre graine.",
                    vi: "Người vận hành cho một bộ phân loại làm giám khảo xem mọi bức ảnh đã xong, và nó đánh dấu bức này. `detail` nêu giám khảo và điều nó thấy. Giám khảo có thể sai: hãy yêu cầu nội dung khác, hoặc hạt giống khác.",
                },
            ],
            Self::UnknownModel => [
                Text {
                    en: "There is no such model",
                    fr: "Ce modèle n’existe pas",
                    vi: "Không có mô hình này",
                },
                Text {
                    en: "`detail` lists the models that there are; so does `GET /models`.",
                    fr: "`detail` donne la liste des modèles ; `GET /models` aussi.",
                    vi: "`detail` liệt kê các mô hình hiện có; `GET /models` cũng vậy.",
                },
            ],
            Self::UnknownGeneration => [
                Text {
                    en: "There is no such generation under way",
                    fr: "Aucune génération de ce nom n’est en cours",
                    vi: "Không có lượt tạo ảnh nào như thế đang chạy",
                },
                Text {
                    en: "This server gave no such id, or the generation is over. Each replica knows only its own ids.",
                    fr: "Ce serveur n’a pas donné cet identifiant, ou la génération est finie. Les identifiants sont propres à une réplique : une autre n’en sait rien.",
                    vi: "Máy chủ này không cấp mã đó, hoặc lượt tạo ấy đã xong. Mã là của riêng từng bản sao: bản khác không biết đến.",
                },
            ],
            Self::UnknownJob => [
                Text {
                    en: "There is no such job",
                    fr: "Il n’y a pas de telle tâche",
                    vi: "Không có công việc này",
                },
                Text {
                    en: "You have submitted no job of that id. Jobs are seen by the caller who submitted them: with the same key or, on a server without keys, from the same address.",
                    fr: "Vous n’avez soumis aucune tâche de cet identifiant. Une tâche n’est vue que de qui l’a soumise : avec la même clé ou, sur un serveur sans clés, depuis la même adresse.",
                    vi: "Bạn chưa gửi công việc nào có mã này. Chỉ người gửi mới thấy công việc: bằng cùng một khóa hoặc, trên máy chủ không có khóa, từ cùng một địa chỉ.",
                },
            ],
            Self::UnknownRoute => [
                Text {
                    en: "There is nothing at this address",
                    fr: "Il n’y a rien à cette adresse",
                    vi: "Không có gì ở địa chỉ này",
                },
                Text {
                    en: "This API has no such path. `GET /docs` shows them all.",
                    fr: "Ce chemin n’est pas de cette API. `GET /docs` les montre tous.",
                    vi: "Đường dẫn này không thuộc API. `GET /docs` cho xem tất cả.",
                },
            ],
            Self::WrongMethod => [
                Text {
                    en: "This address doesn't take this method",
                    fr: "Cette adresse n’accepte pas cette méthode",
                    vi: "Địa chỉ này không nhận phương thức ấy",
                },
                Text {
                    en: "The `Allow` header lists the methods that it takes.",
                    fr: "L’en-tête `Allow` donne les méthodes acceptées.",
                    vi: "Tiêu đề `Allow` liệt kê các phương thức được nhận.",
                },
            ],
            Self::NotAcceptable => [
                Text {
                    en: "The answer has no form that Accept allows",
                    fr: "La réponse n’a aucune forme permise par Accept",
                    vi: "Câu trả lời không có dạng nào mà Accept cho phép",
                },
                Text {
                    en: "The answer is JSON, or the bytes of the image where there is exactly one. `detail` says what the `Accept` header that was sent rules out.",
                    fr: "La réponse est du JSON, ou les octets de l’image s’il y en a exactement une. `detail` dit ce qui contredit l’en-tête `Accept` envoyé.",
                    vi: "Câu trả lời là JSON, hoặc các byte của ảnh nếu chỉ có đúng một ảnh. `detail` nói điều gì trái với tiêu đề `Accept` đã gửi.",
                },
            ],
            Self::ReadTimeout => [
                Text {
                    en: "The body took too long to arrive",
                    fr: "Le corps a mis trop de temps à arriver",
                    vi: "Nội dung đến quá lâu",
                },
                Text {
                    en: "The whole body has to arrive within the time that `detail` names. The connection is closed.",
                    fr: "Tout le corps doit arriver dans le temps que donne `detail`. La connexion est fermée.",
                    vi: "Toàn bộ nội dung phải đến trong thời gian nêu ở `detail`. Kết nối bị đóng.",
                },
            ],
            Self::Cancelled => [
                Text {
                    en: "The generation was cancelled",
                    fr: "La génération a été annulée",
                    vi: "Lượt tạo ảnh đã bị hủy",
                },
                Text {
                    en: "Somebody who knew its id asked for that, with `DELETE /generations/{id}`. The work was stopped where it was.",
                    fr: "Quelqu’un qui connaissait son identifiant l’a demandé, par `DELETE /generations/{id}`. Le travail s’est arrêté là où il en était.",
                    vi: "Ai đó biết mã của nó đã yêu cầu vậy, bằng `DELETE /generations/{id}`. Công việc dừng ngay tại chỗ.",
                },
            ],
            Self::TooLarge => [
                Text {
                    en: "The body is too large",
                    fr: "Le corps est trop grand",
                    vi: "Nội dung quá lớn",
                },
                Text {
                    en: "`detail` names the limit, which the operator sets. Send a smaller image. The connection is closed.",
                    fr: "`detail` donne la limite, que fixe l’exploitant. Envoyez une image plus petite. La connexion est fermée.",
                    vi: "`detail` nêu giới hạn do người vận hành đặt. Hãy gửi ảnh nhỏ hơn. Kết nối bị đóng.",
                },
            ],
            Self::UnsupportedMedia => [
                Text {
                    en: "The body has a media type that is not taken here",
                    fr: "Le type de média du corps n’est pas accepté ici",
                    vi: "Kiểu nội dung này không được nhận ở đây",
                },
                Text {
                    en: "Set `Content-Type` to one that the `Accept` header of this answer lists, and send the body uncompressed.",
                    fr: "Donnez à `Content-Type` une valeur que liste l’en-tête `Accept` de cette réponse, et envoyez le corps sans compression.",
                    vi: "Hãy đặt `Content-Type` là một trong các kiểu ở tiêu đề `Accept` của câu trả lời này, và gửi nội dung không nén.",
                },
            ],
            Self::WrongSignature => [
                Text {
                    en: "This server didn't make this link",
                    fr: "Ce lien n’a pas été fait par ce serveur",
                    vi: "Liên kết này không do máy chủ này tạo",
                },
                Text {
                    en: "A link to an image carries a signature of its name and its expiry. Use the link exactly as it was given; a restart ends earlier links.",
                    fr: "Un lien vers une image porte une signature de son nom et de sa fin. Utilisez-le tel qu’il a été donné ; après un redémarrage, un lien d’avant a perdu son fichier.",
                    vi: "Liên kết đến ảnh mang chữ ký trên tên và hạn của nó. Hãy dùng nguyên như được cấp; liên kết từ trước khi khởi động lại đã mất tệp.",
                },
            ],
            Self::FileGone => [
                Text {
                    en: "The file is no longer kept",
                    fr: "Le fichier n’est plus gardé",
                    vi: "Tệp không còn được giữ",
                },
                Text {
                    en: "Files are kept for an hour, and not as long where newer ones need the room. Ask for the image in the answer itself, or generate it again from its seed.",
                    fr: "Les fichiers sont gardés une heure, moins si de plus récents ont besoin de place. Demandez l’image dans la réponse même, ou générez-la de nouveau depuis sa graine.",
                    vi: "Tệp được giữ một giờ, ngắn hơn nếu tệp mới cần chỗ. Hãy xin ảnh ngay trong câu trả lời, hoặc tạo lại từ hạt giống.",
                },
            ],
            Self::NoModel => [
                Text {
                    en: "No model serves here",
                    fr: "Aucun modèle n’est en service ici",
                    vi: "Ở đây không có mô hình nào dùng được",
                },
                Text {
                    en: "The server runs, and has no model that it could generate with: its folder of models is empty, or none of them can be loaded. `GET /models` lists them with their reasons; it is for the operator to mend.",
                    fr: "Le serveur tourne, mais n’a pas de modèle avec lequel générer : son dossier de modèles est vide, ou aucun ne se charge. `GET /models` les liste avec les raisons ; c’est à l’exploitant d’y remédier.",
                    vi: "Máy chủ đang chạy nhưng không có mô hình nào để tạo ảnh: thư mục mô hình trống, hoặc không nạp được mô hình nào. `GET /models` liệt kê chúng kèm lý do; người vận hành cần sửa.",
                },
            ],
            Self::JobGone => [
                Text {
                    en: "The job is no longer kept",
                    fr: "La tâche n’est plus conservée",
                    vi: "Công việc không còn được lưu",
                },
                Text {
                    en: "What came of it was kept for as long and in as much room as the operator gives, or it was deleted. Submit the request again; with the same seed it gives the same bytes.",
                    fr: "Son résultat a été gardé aussi longtemps et dans autant de place que l’exploitant l’accorde, ou il a été supprimé. Soumettez la requête de nouveau ; la même graine redonne les mêmes octets.",
                    vi: "Kết quả được giữ trong thời gian và dung lượng mà người vận hành cho phép, hoặc đã bị xóa. Hãy gửi lại yêu cầu; cùng hạt giống sẽ cho lại cùng các byte.",
                },
            ],
            Self::KeyReused => [
                Text {
                    en: "The idempotency key was used for another request",
                    fr: "La clé d’idempotence a servi à une autre requête",
                    vi: "Khóa bất biến đã dùng cho yêu cầu khác",
                },
                Text {
                    en: "One `Idempotency-Key` stands for one submission as long as its results are kept. Send a new key with another request.",
                    fr: "Une `Idempotency-Key` vaut pour une seule soumission tant que ses résultats sont gardés. Envoyez une nouvelle clé avec une autre requête.",
                    vi: "Một `Idempotency-Key` ứng với một lần gửi chừng nào kết quả còn được giữ. Hãy gửi khóa mới cùng yêu cầu khác.",
                },
            ],
            Self::StorageFull => [
                Text {
                    en: "The server's disk is full",
                    fr: "Le disque du serveur est plein",
                    vi: "Đĩa của máy chủ đã đầy",
                },
                Text {
                    en: "There is no room to keep another job and its results. Those that were accepted are kept, and done.",
                    fr: "Il n’y a plus de place pour garder une tâche et son résultat. Celles qui ont été acceptées sont gardées, et faites.",
                    vi: "Không còn chỗ để lưu thêm công việc và kết quả. Những công việc đã nhận vẫn được giữ và thực hiện.",
                },
            ],
            Self::BrokenModel => [
                Text {
                    en: "The model can't serve",
                    fr: "Le modèle est hors service",
                    vi: "Mô hình không dùng được",
                },
                Text {
                    en: "The model is in the repository and something is wrong with it; `GET /models` says what, for the person who can mend it. Other models are not affected.",
                    fr: "Le modèle est dans le dépôt et quelque chose n’y va pas ; `GET /models` dit quoi, à qui peut le réparer. Les autres modèles n’en souffrent pas.",
                    vi: "Mô hình có trong kho nhưng có gì đó không ổn; `GET /models` nói rõ, cho người có thể sửa. Các mô hình khác không bị ảnh hưởng.",
                },
            ],
            Self::QueueFull => [
                Text {
                    en: "The server is at capacity",
                    fr: "Le serveur a tout le travail qu’il peut prendre",
                    vi: "Máy chủ đang kín việc",
                },
                Text {
                    en: "Come back after the seconds in `Retry-After`, which follow from the measured rate of service, or ask another replica.",
                    fr: "Revenez après les secondes de `Retry-After`, qui suivent le débit mesuré, ou demandez à une autre réplique.",
                    vi: "Hãy quay lại sau số giây ở `Retry-After`, tính từ tốc độ phục vụ đo được, hoặc hỏi bản sao khác.",
                },
            ],
            Self::Loading => [
                Text {
                    en: "The model is still loading",
                    fr: "Le modèle se charge encore",
                    vi: "Mô hình còn đang được nạp",
                },
                Text {
                    en: "The server has just started. Models that are loaded serve already; `GET /models` lists them. Come back after the seconds in `Retry-After`.",
                    fr: "Le serveur vient de démarrer. Les modèles chargés servent déjà ; `GET /models` les liste. Revenez après les secondes de `Retry-After`.",
                    vi: "Máy chủ vừa khởi động. Các mô hình đã nạp thì dùng được ngay; `GET /models` liệt kê chúng. Hãy quay lại sau số giây ở `Retry-After`.",
                },
            ],
            Self::Draining => [
                Text {
                    en: "The server is shutting down",
                    fr: "Le serveur s’arrête",
                    vi: "Máy chủ đang dừng",
                },
                Text {
                    en: "Requests in flight are finished, and new ones refused. Ask another replica, or come back after the seconds in `Retry-After`.",
                    fr: "Les requêtes en cours sont menées à bien, les nouvelles refusées. Demandez à une autre réplique, ou revenez après les secondes de `Retry-After`.",
                    vi: "Các yêu cầu đang chạy được làm xong, yêu cầu mới bị từ chối. Hãy hỏi bản sao khác, hoặc quay lại sau số giây ở `Retry-After`.",
                },
            ],
            Self::OutOfMemory => [
                Text {
                    en: "There is not enough memory for this request now",
                    fr: "La mémoire ne suffit pas pour cette requête en ce moment",
                    vi: "Hiện không đủ bộ nhớ cho yêu cầu này",
                },
                Text {
                    en: "The model needs more memory for it than the server has left. A smaller size or fewer images need less; other requests are not affected.",
                    fr: "Le modèle a besoin de plus de mémoire qu’il n’en reste au serveur. Une taille plus petite ou moins d’images en demandent moins ; les autres requêtes ne sont pas touchées.",
                    vi: "Mô hình cần nhiều bộ nhớ hơn phần máy chủ còn lại. Kích thước nhỏ hơn hoặc ít ảnh hơn cần ít bộ nhớ hơn; các yêu cầu khác không bị ảnh hưởng.",
                },
            ],
            Self::DeadlinePassed => [
                Text {
                    en: "The deadline passed before the answer was ready",
                    fr: "Le délai est passé avant que la réponse soit prête",
                    vi: "Đã quá hạn trước khi có câu trả lời",
                },
                Text {
                    en: "The work was stopped where it was when `deadline_ms` had passed, or the longest time that the operator allows.",
                    fr: "Le travail s’est arrêté là où il en était quand `deadline_ms` est passé, ou le temps le plus long que permet l’exploitant.",
                    vi: "Công việc dừng tại chỗ khi hết `deadline_ms`, hoặc hết thời gian dài nhất mà người vận hành cho phép.",
                },
            ],
            Self::NoImage => [
                Text {
                    en: "The model yielded no image",
                    fr: "Le modèle n’a pas rendu d’image",
                    vi: "Mô hình không cho ra ảnh",
                },
                Text {
                    en: "For this seed and these settings, numbers of the model's output are no colours. `atelier models check` finds models that do so often.",
                    fr: "Pour cette graine et ces réglages, des nombres en sortie du modèle ne sont pas des couleurs. `atelier models check` trouve les modèles qui le font souvent.",
                    vi: "Với hạt giống và thiết lập này, có số ở đầu ra của mô hình không phải là màu. `atelier models check` tìm ra các mô hình hay như vậy.",
                },
            ],
            Self::Internal => [
                Text {
                    en: "The server failed",
                    fr: "Le serveur a échoué",
                    vi: "Máy chủ gặp lỗi",
                },
                Text {
                    en: "A fault of the server. Its log has the reason under the `request_id` of this answer; please report that.",
                    fr: "Une faute du serveur. Son journal en donne la raison sous le `request_id` de cette réponse ; merci de le signaler.",
                    vi: "Lỗi của máy chủ. Nhật ký ghi lý do dưới `request_id` của câu trả lời này; xin hãy báo lại.",
                },
            ],
        };
        (title, meaning)
    }
}
