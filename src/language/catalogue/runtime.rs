//! What proving a graph found out about it.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "it isn't reproducible: {reason}, so one seed gives another image each time",
        fr: "le résultat n’est pas reproductible : {reason}, et une même graine donne chaque fois une autre image",
        vi: "kết quả không tái lập được: {reason}, nên một hạt giống mỗi lần cho một bức khác",
    },
    Text {
        en: "the same input gives other values each time",
        fr: "la même entrée donne chaque fois d’autres valeurs",
        vi: "cùng đầu vào mỗi lần cho giá trị khác",
    },
    Text {
        en: "it draws random numbers inside ({operators})",
        fr: "il tire des nombres au hasard en son sein ({operators})",
        vi: "nó tự rút số ngẫu nhiên bên trong ({operators})",
    },
    Text {
        en: "max_batch is 1",
        fr: "max_batch vaut 1",
        vi: "max_batch là 1",
    },
    Text {
        en: "a single row takes so long that rows together were not tried",
        fr: "une seule ligne prend si longtemps que plusieurs ensemble n’ont pas été essayées",
        vi: "một hàng đã lâu đến mức không thử nhiều hàng cùng lúc",
    },
    Text {
        en: "{size} rows together fail: {reason}",
        fr: "{size} lignes ensemble échouent : {reason}",
        vi: "{size} hàng cùng lúc thì thất bại: {reason}",
    },
    Text {
        en: "rows that share a call influence each other (by {worst} of the largest value at {size} rows)",
        fr: "les lignes d’un même appel s’influencent (de {worst} de la plus grande valeur pour {size} lignes)",
        vi: "các hàng chung một lần gọi ảnh hưởng lẫn nhau ({worst} của giá trị lớn nhất với {size} hàng)",
    },
    Text {
        en: "rows that share a call differ from single rows in the last bits (by {worst} of the largest value at {size} rows)",
        fr: "les lignes d’un même appel diffèrent des lignes seules dans les derniers bits (de {worst} de la plus grande valeur pour {size} lignes)",
        vi: "các hàng chung một lần gọi khác hàng riêng lẻ ở những bit cuối ({worst} của giá trị lớn nhất với {size} hàng)",
    },
    Text {
        en: "up to {proved} rows together give the same bits, and are no faster than one by one",
        fr: "jusqu’à {proved} lignes ensemble donnent les mêmes bits, et ne vont pas plus vite qu’une à une",
        vi: "đến {proved} hàng cùng lúc cho đúng các bit ấy, và không nhanh hơn từng hàng một",
    },
    Text {
        en: "up to {proved} rows together give the same bits; more than {most} are no faster",
        fr: "jusqu’à {proved} lignes ensemble donnent les mêmes bits ; plus de {most} ne vont pas plus vite",
        vi: "đến {proved} hàng cùng lúc cho đúng các bit ấy; nhiều hơn {most} thì không nhanh hơn",
    },
    Text {
        en: "{name} is used, since the more exact file can't be opened: {refused}",
        fr: "{name} est utilisé, car le fichier plus exact ne s’ouvre pas : {refused}",
        vi: "dùng {name}, vì không mở được tệp chính xác hơn: {refused}",
    },
    Text {
        en: "output {reason}, and is left alone",
        fr: "sortie laissée de côté : {reason}",
        vi: "đầu ra bị bỏ qua: {reason}",
    },
    Text {
        en: "the file draws random numbers inside; they are drawn outside of it instead, so that the same input gives the same image",
        fr: "le fichier tire des nombres au hasard en son sein ; ils sont tirés au-dehors à la place, pour que la même entrée donne la même image",
        vi: "tệp tự rút số ngẫu nhiên bên trong; thay vào đó chúng được rút ở bên ngoài, để cùng đầu vào cho cùng bức ảnh",
    },
    Text {
        en: "the file declares input {input} as one number for a whole call; it was given a batch axis, with the same bits for {rows} rows",
        fr: "le fichier déclare l’entrée {input} comme un seul nombre pour tout un appel ; elle a reçu un axe de lot, avec les mêmes bits pour {rows} lignes",
        vi: "tệp khai báo đầu vào {input} là một số cho cả lần gọi; nó đã được thêm trục lô, với đúng các bit ấy cho {rows} hàng",
    },
    Text {
        en: "a row takes about {seconds} s on all processors, so that rows together would gain nothing",
        fr: "une ligne prend environ {seconds} s sur tous les processeurs : plusieurs ensemble n’y gagneraient rien",
        vi: "một hàng mất khoảng {seconds} giây trên mọi bộ xử lý, nên chạy chung nhiều hàng không lợi gì",
    },
    Text {
        en: "attention is computed block by block (places: {count}), which takes less memory than as the file spells it out; what comes out differs by {gap} of the largest value",
        fr: "l’attention est calculée bloc par bloc (endroits : {count}), ce qui prend moins de mémoire que telle que le fichier l’écrit ; le résultat s’en écarte de {gap} de la plus grande valeur",
        vi: "phép chú ý được tính theo từng khối (số chỗ: {count}), tốn ít bộ nhớ hơn cách tệp viết ra; kết quả lệch {gap} so với giá trị lớn nhất",
    },
    Text {
        en: "input {name} has one value for a whole call, so only rows that agree on it share one",
        fr: "l’entrée {name} a une seule valeur pour tout un appel : seules les lignes qui s’accordent là-dessus en partagent un",
        vi: "đầu vào {name} có một giá trị cho cả lần gọi, nên chỉ các hàng cùng giá trị mới chung một lần gọi",
    },
    Text {
        en: "the batch axis of input {name} is frozen at {length}",
        fr: "l’axe de lot de l’entrée {name} est figé à {length}",
        vi: "trục lô của đầu vào {name} bị cố định ở {length}",
    },
    Text {
        en: "input {name} has no batch axis",
        fr: "l’entrée {name} n’a pas d’axe de lot",
        vi: "đầu vào {name} không có trục lô",
    },
];
