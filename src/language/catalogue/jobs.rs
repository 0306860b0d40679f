//! What is said of jobs.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "{most} jobs may wait here, and so many do; try again later",
        fr: "{most} tâches peuvent attendre ici, et autant attendent ; réessayez plus tard",
        vi: "ở đây có thể chờ {most} công việc, và đã có chừng ấy; hãy thử lại sau",
    },
    Text {
        en: "the requests take {wanted} bytes beside those that wait, and {most} are kept of all requests",
        fr: "les requêtes prennent {wanted} octets à côté de celles qui attendent, et {most} sont gardés de toutes les requêtes",
        vi: "các yêu cầu chiếm {wanted} byte bên cạnh những yêu cầu đang chờ, và tất cả chỉ được giữ {most} byte",
    },
    Text {
        en: "this Idempotency-Key was sent before, with another request",
        fr: "cette Idempotency-Key a déjà été envoyée, avec une autre requête",
        vi: "Idempotency-Key này đã được gửi trước đây, cùng một yêu cầu khác",
    },
    Text {
        en: "the server's disk has no room for another job; try again later",
        fr: "le disque du serveur n’a pas de place pour une tâche de plus ; réessayez plus tard",
        vi: "đĩa của máy chủ không còn chỗ cho công việc nữa; hãy thử lại sau",
    },
    Text {
        en: "there is no job {id} of yours",
        fr: "vous n’avez pas de tâche {id}",
        vi: "bạn không có công việc {id}",
    },
    Text {
        en: "the job {id} is no longer kept",
        fr: "la tâche {id} n’est plus conservée",
        vi: "công việc {id} không còn được lưu",
    },
    Text {
        en: "expected 1 to {most} ASCII letters",
        fr: "1 à {most} caractères ASCII attendus",
        vi: "cần từ 1 đến {most} ký tự ASCII",
    },
    Text {
        en: "a job has no previews; leave it out",
        fr: "une tâche n’a pas d’aperçus ; ne le donnez pas",
        vi: "công việc không có ảnh xem trước; hãy bỏ đi",
    },
    Text {
        en: "line {line}: {why}",
        fr: "ligne {line} : {why}",
        vi: "dòng {line}: {why}",
    },
    Text {
        en: "a body may hold {most} requests, a line each",
        fr: "un corps peut contenir {most} requêtes, une par ligne",
        vi: "một thân có thể chứa {most} yêu cầu, mỗi yêu cầu một dòng",
    },
    Text {
        en: "there is no line with a request",
        fr: "aucune ligne ne contient de requête",
        vi: "không có dòng nào chứa yêu cầu",
    },
    Text {
        en: "unknown; expected route or webhook",
        fr: "inconnu ; route ou webhook est attendu",
        vi: "không rõ; cần route hoặc webhook",
    },
    Text {
        en: "the job {id} is still under way",
        fr: "la tâche {id} est encore en cours",
        vi: "công việc {id} vẫn đang được thực hiện",
    },
    Text {
        en: "missing; name a model",
        fr: "absent ; nommez un modèle",
        vi: "thiếu; hãy nêu một mô hình",
    },
    Text {
        en: "found {found}, expected png, jpg or webp",
        fr: "{found} trouvé, png, jpg ou webp attendu",
        vi: "thấy {found}, cần png, jpg hoặc webp",
    },
    Text {
        en: "there is no size {name}, and the model's own was taken",
        fr: "il n’y a pas de taille {name}, et celle du modèle a été prise",
        vi: "không có cỡ {name}, nên đã dùng cỡ của mô hình",
    },
    Text {
        en: "found {found}, expected png or jpeg",
        fr: "{found} trouvé, png ou jpeg attendu",
        vi: "thấy {found}, cần png hoặc jpeg",
    },
    Text {
        en: "nobody is told of the end here; leave it out, and ask",
        fr: "ici, la fin n’est annoncée à personne ; ne le donnez pas, et demandez",
        vi: "ở đây không báo cho ai khi xong; hãy bỏ đi và tự hỏi lại",
    },
    Text {
        en: "webhooks are off here; the operator allows hosts with --webhook-allow",
        fr: "les webhooks ne sont pas activés ici ; l’exploitant permet des hôtes par --webhook-allow",
        vi: "ở đây webhook đang tắt; người vận hành cho phép máy chủ bằng --webhook-allow",
    },
    Text {
        en: "expected an address such as https://hooks.example.org/done",
        fr: "une adresse comme https://hooks.example.org/done est attendue",
        vi: "cần một địa chỉ như https://hooks.example.org/done",
    },
    Text {
        en: "an address must not hold a name and a password",
        fr: "une adresse ne doit contenir ni nom ni mot de passe",
        vi: "địa chỉ không được chứa tên và mật khẩu",
    },
    Text {
        en: "webhooks to {host} are not allowed here",
        fr: "les webhooks vers {host} ne sont pas permis ici",
        vi: "ở đây không cho phép webhook tới {host}",
    },
    Text {
        en: "found {found}, expected generate, encode or score",
        fr: "{found} trouvé, generate, encode ou score attendu",
        vi: "thấy {found}, cần generate, encode hoặc score",
    },
    Text {
        en: "the job {id} has no image {at}, or none yet",
        fr: "la tâche {id} n’a pas d’image {at}, ou pas encore",
        vi: "công việc {id} không có ảnh {at}, hoặc chưa có",
    },
];
