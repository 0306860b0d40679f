//! What is wrong with a field, and what would be right.

use crate::language::Text;

pub(super) const SENTENCES: &[Text] = &[
    Text {
        en: "cannot be combined with {other}; leave one out",
        fr: "ne va pas avec {other} ; laissez l’un des deux",
        vi: "không dùng cùng {other}; hãy bỏ bớt một",
    },
    Text {
        en: "needs {needed}, and there is no {needed}",
        fr: "demande {needed}, et il n’y a pas de {needed}",
        vi: "cần {needed}, mà không có {needed}",
    },
    Text {
        en: "is missing; this model needs it: {what}",
        fr: "manque ; ce modèle en a besoin : {what}",
        vi: "bị thiếu; mô hình này cần nó: {what}",
    },
    Text {
        en: "{number}; expected {expected}",
        fr: "{number} ; attendu : {expected}",
        vi: "{number}; cần {expected}",
    },
    Text {
        en: "{count} bytes; expected at most {most}",
        fr: "{count} octets ; au plus {most}",
        vi: "{count} byte; nhiều nhất là {most}",
    },
    Text {
        en: "there is no {found}; expected one of {choices}",
        fr: "{found} n’existe pas ; au choix : {choices}",
        vi: "không có {found}; hãy chọn một trong {choices}",
    },
    Text {
        en: "not a finite 32-bit number",
        fr: "pas un nombre fini de 32 bits",
        vi: "không phải số 32 bit hữu hạn",
    },
    Text {
        en: "{count} of them; expected {expected}",
        fr: "il y en a {count} ; attendu : {expected}",
        vi: "có {count}; cần {expected}",
    },
    Text {
        en: "a multiple of {step} {range}; the nearest is {nearest}",
        fr: "un multiple de {step} {range} ; le plus proche est {nearest}",
        vi: "bội số của {step} {range}; gần nhất là {nearest}",
    },
    Text {
        en: "{least}, the only one",
        fr: "{least}, la seule valeur",
        vi: "{least}, giá trị duy nhất",
    },
    Text {
        en: "{least} to {greatest}",
        fr: "de {least} à {greatest}",
        vi: "từ {least} đến {greatest}",
    },
    Text {
        en: "at least {least}",
        fr: "au moins {least}",
        vi: "ít nhất {least}",
    },
    Text {
        en: "at most {greatest}",
        fr: "au plus {greatest}",
        vi: "nhiều nhất {greatest}",
    },
    Text {
        en: "from {least} to {greatest}",
        fr: "entre {least} et {greatest}",
        vi: "trong khoảng {least} đến {greatest}",
    },
    Text {
        en: "{count} images; expected 1 to {most}",
        fr: "{count} images ; il en faut de 1 à {most}",
        vi: "{count} bức ảnh; cần từ 1 đến {most}",
    },
    Text {
        en: "asks for {count} images, and {other} for {known}",
        fr: "demande {count} images, et {other} {known}",
        vi: "yêu cầu {count} bức ảnh, còn {other} yêu cầu {known}",
    },
    Text {
        en: "{count} images; a reconstruction is one image",
        fr: "{count} images ; une reconstruction est une seule image",
        vi: "{count} bức ảnh; dựng lại chỉ cho một bức",
    },
    Text {
        en: "{count} images of one mix would all be the same; ask for 1, or leave a class axis to the seed",
        fr: "{count} images d’un même mélange seraient toutes pareilles ; demandez-en 1, ou laissez un axe de classe à la graine",
        vi: "{count} bức ảnh của một bản pha sẽ giống hệt nhau; hãy xin 1, hoặc để một trục lớp cho hạt giống",
    },
    Text {
        en: "{count} numbers; this model's latent has {length}",
        fr: "{count} nombres ; le vecteur de ce modèle en a {length}",
        vi: "{count} con số; véc-tơ của mô hình này có {length}",
    },
    Text {
        en: "{candidates} candidates; expected at least {count}, which is n",
        fr: "{candidates} candidates ; au moins {count}, qui est n",
        vi: "{candidates} ứng viên; ít nhất là {count}, tức n",
    },
    Text {
        en: "every weight is 0; give one another",
        fr: "tous les poids sont à 0 ; changez-en un",
        vi: "mọi trọng số đều bằng 0; hãy đổi một cái",
    },
    Text {
        en: "names {said}, and class says {given}; leave one out",
        fr: "nomme {said}, et class dit {given} ; laissez l’un des deux",
        vi: "nêu {said}, còn class nói {given}; hãy bỏ bớt một",
    },
    Text {
        en: "there is no such direction{proposal}; the directions are {known}",
        fr: "cette direction n’existe pas{proposal} ; les directions sont {known}",
        vi: "không có hướng này{proposal}; các hướng là {known}",
    },
    Text {
        en: "asks for {words}, and edit says {given} of {direction}; leave one out",
        fr: "demande {words}, et edit dit {given} de {direction} ; laissez l’un des deux",
        vi: "yêu cầu {words}, còn edit nói {given} của {direction}; hãy bỏ bớt một",
    },
    Text {
        en: " (did you mean {one}?)",
        fr: " (vouliez-vous dire {one} ?)",
        vi: " (ý bạn là {one}?)",
    },
    Text {
        en: " (did you mean {some} or {last}?)",
        fr: " (vouliez-vous dire {some} ou {last} ?)",
        vi: " (ý bạn là {some} hay {last}?)",
    },
    Text {
        en: "say which {axis} the image shows: {names}",
        fr: "dites quel {axis} montre l’image : {names}",
        vi: "hãy nói ảnh là {axis} nào: {names}",
    },
    Text {
        en: "{shown} and {more} more",
        fr: "{shown} et {more} autres",
        vi: "{shown} và {more} nữa",
    },
    Text {
        en: "{what}; the labels of {axis} are {names}, or false and true",
        fr: "{what} ; les étiquettes de {axis} sont {names}, ou false et true",
        vi: "{what}; các nhãn của {axis} là {names}, hoặc false và true",
    },
    Text {
        en: "{what}; the labels of {axis} are {names}",
        fr: "{what} ; les étiquettes de {axis} sont {names}",
        vi: "{what}; các nhãn của {axis} là {names}",
    },
    Text {
        en: "there is no label number {index}: they go from 0 to {last}",
        fr: "il n’y a pas d’étiquette numéro {index} : elles vont de 0 à {last}",
        vi: "không có nhãn số {index}: chúng đi từ 0 đến {last}",
    },
    Text {
        en: "there is no label {name}{alike}",
        fr: "il n’y a pas d’étiquette {name}{alike}",
        vi: "không có nhãn {name}{alike}",
    },
    Text {
        en: "{given} is for axes of the labels no and yes",
        fr: "{given} est pour les axes aux étiquettes no et yes",
        vi: "{given} dành cho trục có nhãn no và yes",
    },
    Text {
        en: "an axis takes one label",
        fr: "un axe prend une étiquette",
        vi: "một trục nhận một nhãn",
    },
    Text {
        en: "there is no such axis{proposal}; the axes are {known}",
        fr: "cet axe n’existe pas{proposal} ; les axes sont {known}",
        vi: "không có trục này{proposal}; các trục là {known}",
    },
    Text {
        en: "this model has {count} axes; give an object with labels for {known}",
        fr: "ce modèle a {count} axes ; donnez un objet avec des étiquettes pour {known}",
        vi: "mô hình này có {count} trục; hãy đưa một đối tượng có nhãn cho {known}",
    },
];
