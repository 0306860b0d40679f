//! Why a prompt can't be followed, and what would be.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "this model can't be prompted: it has no classes to choose from",
        fr: "ce modèle ne prend pas de consigne : il n’a pas de classes où choisir",
        vi: "mô hình này không nhận lời nhắc: nó không có lớp nào để chọn",
    },
    Text {
        en: "the prompt names several labels of {axis}: {labels}; name one",
        fr: "la consigne nomme plusieurs choix de {axis} : {labels} ; n’en nommez qu’un",
        vi: "lời nhắc nêu nhiều lựa chọn của {axis}: {labels}; hãy nêu một",
    },
    Text {
        en: "nothing in the prompt names what this model can paint; {example} would do. It knows, {offers}",
        fr: "rien dans la consigne ne nomme ce que ce modèle sait peindre ; {example} irait. Il connaît, {offers}",
        vi: "lời nhắc không nêu điều gì mô hình này vẽ được; ví dụ {example} thì được. Nó biết, {offers}",
    },
    Text {
        en: "for {axis}: {labels}",
        fr: "pour {axis} : {labels}",
        vi: "với {axis}: {labels}",
    },
    Text {
        en: "for {axis}: {labels} and {more} more",
        fr: "pour {axis} : {labels}, et {more} de plus",
        vi: "với {axis}: {labels} và {more} nữa",
    },
];
