//! Why there are no images, and what else the service says of its work.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "there is no model {model}{proposal}; the models are {known}",
        fr: "il n’y a pas de modèle {model}{proposal} ; les modèles sont {known}",
        vi: "không có mô hình {model}{proposal}; các mô hình là {known}",
    },
    Text {
        en: "{bad} of {of} numbers that the model yielded are NaN or infinite; another seed may do",
        fr: "{bad} des {of} nombres rendus par le modèle sont NaN ou infinis ; une autre graine peut convenir",
        vi: "{bad} trong {of} số mà mô hình cho ra là NaN hoặc vô hạn; hạt giống khác có thể được",
    },
    Text {
        en: "the model {model} is still loading; try again in {seconds} s",
        fr: "le modèle {model} se charge encore ; réessayez dans {seconds} s",
        vi: "mô hình {model} còn đang được nạp; hãy thử lại sau {seconds} giây",
    },
    Text {
        en: "the models are still loading; try again in {seconds} s",
        fr: "les modèles se chargent encore ; réessayez dans {seconds} s",
        vi: "các mô hình còn đang được nạp; hãy thử lại sau {seconds} giây",
    },
    Text {
        en: "the model {model} cannot serve; GET /models and the server's log say why",
        fr: "le modèle {model} est hors service ; GET /models et le journal du serveur disent pourquoi",
        vi: "mô hình {model} không dùng được; GET /models và nhật ký máy chủ cho biết vì sao",
    },
    Text {
        en: "the model {model} cannot serve: {reason}",
        fr: "le modèle {model} est hors service : {reason}",
        vi: "mô hình {model} không dùng được: {reason}",
    },
    Text {
        en: "no model serves here: the server's folder of models has none",
        fr: "aucun modèle n’est en service ici : le dossier de modèles du serveur n’en contient pas",
        vi: "ở đây không có mô hình nào dùng được: thư mục mô hình của máy chủ không có mô hình nào",
    },
    Text {
        en: "no model serves here: each of the {count} that there are can't be loaded; GET /models and the server's log say why",
        fr: "aucun modèle n’est en service ici : aucun des {count} présents ne se charge ; GET /models et le journal du serveur disent pourquoi",
        vi: "ở đây không có mô hình nào dùng được: không nạp được mô hình nào trong {count} mô hình hiện có; GET /models và nhật ký máy chủ cho biết vì sao",
    },
    Text {
        en: "the server has as much work as it takes; try again in {seconds} s",
        fr: "le serveur a tout le travail qu’il peut prendre ; réessayez dans {seconds} s",
        vi: "máy chủ đang kín việc; hãy thử lại sau {seconds} giây",
    },
    Text {
        en: "the server is shutting down; another one will answer",
        fr: "le serveur s’arrête ; un autre répondra",
        vi: "máy chủ đang dừng; máy khác sẽ trả lời",
    },
    Text {
        en: "{reason}; ask for a smaller size or fewer images",
        fr: "{reason} ; demandez une taille plus petite ou moins d’images",
        vi: "{reason}; hãy yêu cầu kích thước nhỏ hơn hoặc ít ảnh hơn",
    },
    Text {
        en: "the model's {graphs} draws random numbers of its own, so the same request gives another answer each time",
        fr: "dans le modèle, {graphs} tire ses propres nombres au hasard : la même requête donne chaque fois une autre réponse",
        vi: "trong mô hình, {graphs} tự rút số ngẫu nhiên, nên cùng một yêu cầu mỗi lần cho một kết quả khác",
    },
    Text {
        en: "the deadline of {deadline} ms passed",
        fr: "le délai de {deadline} ms est passé",
        vi: "đã quá hạn {deadline} ms",
    },
    Text {
        en: "the generation was cancelled",
        fr: "la génération a été annulée",
        vi: "lượt tạo ảnh đã bị hủy",
    },
    Text {
        en: "the model gives this image no probability at all",
        fr: "le modèle ne donne aucune probabilité à cette image",
        vi: "mô hình không cho bức ảnh này xác suất nào",
    },
    Text {
        en: "this would take about {estimate} s at the present pace, and there are {deadline} s until the deadline",
        fr: "cela prendrait environ {estimate} s au rythme actuel, et il reste {deadline} s avant l’échéance",
        vi: "việc này cần khoảng {estimate} giây với tốc độ hiện tại, mà chỉ còn {deadline} giây đến hạn",
    },
    Text {
        en: "this would take about {estimate} s at the present pace, and there are {deadline} s until the deadline; {field} = {value} would do",
        fr: "cela prendrait environ {estimate} s au rythme actuel, et il reste {deadline} s avant l’échéance ; {field} = {value} conviendrait",
        vi: "việc này cần khoảng {estimate} giây với tốc độ hiện tại, mà chỉ còn {deadline} giây đến hạn; {field} = {value} thì được",
    },
    Text {
        en: "this would take about {estimate} s at the present pace, and there are {deadline} s until the deadline; one image of about {size} would do",
        fr: "cela prendrait environ {estimate} s au rythme actuel, et il reste {deadline} s avant l’échéance ; une image d’environ {size} conviendrait",
        vi: "việc này cần khoảng {estimate} giây với tốc độ hiện tại, mà chỉ còn {deadline} giây đến hạn; một ảnh khoảng {size} thì được",
    },
    Text {
        en: "this would take about {estimate} s at the present pace, and there are {deadline} s until the deadline; an image with {percent} % of the pixels would do",
        fr: "cela prendrait environ {estimate} s au rythme actuel, et il reste {deadline} s avant l’échéance ; une image avec {percent} % des pixels conviendrait",
        vi: "việc này cần khoảng {estimate} giây với tốc độ hiện tại, mà chỉ còn {deadline} giây đến hạn; ảnh có {percent} % số điểm ảnh thì được",
    },
    Text {
        en: "this would take about {estimate} s at the present pace, and there are {deadline} s until the deadline; steps = {steps} with n = 1 would do",
        fr: "cela prendrait environ {estimate} s au rythme actuel, et il reste {deadline} s avant l’échéance ; steps = {steps} avec n = 1 conviendrait",
        vi: "việc này cần khoảng {estimate} giây với tốc độ hiện tại, mà chỉ còn {deadline} giây đến hạn; steps = {steps} với n = 1 thì được",
    },
    Text {
        en: "{advice}; a stream (Accept: text/event-stream) has no deadline unless it names one",
        fr: "{advice} ; un flux (Accept: text/event-stream) n’a pas d’échéance, sauf s’il en nomme une",
        vi: "{advice}; luồng sự kiện (Accept: text/event-stream) không có hạn, trừ khi tự nêu ra",
    },
    Text {
        en: "this needs {wanted} MiB of memory, and requests have {total} MiB; {field} = {images} would fit",
        fr: "cela demande {wanted} Mio de mémoire, et les requêtes en ont {total} Mio ; {field} = {images} conviendrait",
        vi: "việc này cần {wanted} MiB bộ nhớ, mà các yêu cầu chỉ có {total} MiB; {field} = {images} thì vừa",
    },
    Text {
        en: "this needs {wanted} MiB of memory, and requests have {total} MiB; one image of about {size} would fit",
        fr: "cela demande {wanted} Mio de mémoire, et les requêtes en ont {total} Mio ; une image d’environ {size} conviendrait",
        vi: "việc này cần {wanted} MiB bộ nhớ, mà các yêu cầu chỉ có {total} MiB; một ảnh cỡ {size} thì vừa",
    },
    Text {
        en: "one image of this model needs {wanted} MiB of memory, and graph calls have {total} MiB; the server needs more memory (--memory-mib) for it",
        fr: "une image de ce modèle demande {wanted} Mio de mémoire, et les appels de graphes en ont {total} Mio ; il faut plus de mémoire au serveur (--memory-mib)",
        vi: "một ảnh của mô hình này cần {wanted} MiB bộ nhớ, mà các lần gọi đồ thị chỉ có {total} MiB; máy chủ cần thêm bộ nhớ (--memory-mib)",
    },
    Text {
        en: "these can: {names}",
        fr: "ceux-ci le peuvent : {names}",
        vi: "các mô hình làm được: {names}",
    },
    Text {
        en: "no model here can",
        fr: "aucun modèle d’ici ne le peut",
        vi: "ở đây không mô hình nào làm được",
    },
    Text {
        en: "encoding needs an encoder, and {names}",
        fr: "encoder demande un encodeur, et {names}",
        vi: "mã hóa cần bộ mã hóa, mà {names}",
    },
    Text {
        en: "{id} has no encoder; {names}",
        fr: "{id} n’a pas d’encodeur ; {names}",
        vi: "{id} không có bộ mã hóa; {names}",
    },
    Text {
        en: "scoring an image needs a discriminator or a model that generates pixel by pixel, and {names}",
        fr: "noter une image demande un discriminateur ou un modèle qui génère pixel par pixel, et {names}",
        vi: "chấm điểm ảnh cần bộ phân biệt hoặc mô hình tạo từng điểm ảnh, mà {names}",
    },
    Text {
        en: "{id} scores no images, as a discriminator or a model that generates pixel by pixel would; {names}",
        fr: "{id} ne note pas d’images, comme le ferait un discriminateur ou un modèle qui génère pixel par pixel ; {names}",
        vi: "{id} không chấm điểm ảnh như bộ phân biệt hay mô hình tạo từng điểm ảnh; {names}",
    },
];
