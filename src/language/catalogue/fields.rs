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
        fr: "demande {needed}, qui manque",
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
        en: "{number} is too large; at most {most} is computed with",
        fr: "{number} est trop grand ; on calcule avec {most} au plus",
        vi: "{number} quá lớn; chỉ tính với nhiều nhất {most}",
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
        fr: "nomme {said}, et la classe dit {given} ; laissez l’un des deux",
        vi: "nêu {said}, còn lớp nói {given}; hãy bỏ bớt một",
    },
    Text {
        en: "there is no such direction{proposal}; the directions are {known}",
        fr: "cette direction n’existe pas{proposal} ; les directions sont {known}",
        vi: "không có hướng này{proposal}; các hướng là {known}",
    },
    Text {
        en: "asks for {words}, and edit says {given} of {direction}; leave one out",
        fr: "demande {words}, et la retouche dit {given} de {direction} ; laissez l’un des deux",
        vi: "yêu cầu {words}, còn phần chỉnh sửa nói {given} của {direction}; hãy bỏ bớt một",
    },
    Text {
        en: "unknown field `{name}`{proposal}, expected one of {names}",
        fr: "le champ `{name}` n’existe pas{proposal} ; au choix : {names}",
        vi: "không có trường `{name}`{proposal}; hãy chọn một trong {names}",
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
        en: "names {axis} twice",
        fr: "nomme {axis} deux fois",
        vi: "nêu {axis} hai lần",
    },
    Text {
        en: "{axis} is chosen by {field}, so it can't be drawn evenly; leave one out",
        fr: "{axis} est choisi par {field}, et ne peut donc être tiré uniformément ; laissez l’un des deux",
        vi: "{axis} đã được {field} chọn nên không thể rút cho đều; hãy bỏ bớt một",
    },
    Text {
        en: "{axis} is chosen by {field}, so it can't be drawn evenly; leave one out, or balance {others}",
        fr: "{axis} est choisi par {field}, et ne peut donc être tiré uniformément ; laissez l’un des deux, ou \
             équilibrez {others}",
        vi: "{axis} đã được {field} chọn nên không thể rút cho đều; hãy bỏ bớt một, hoặc cân bằng {others}",
    },
    Text {
        en: "this model has {count} axes; give an object with labels for {known}",
        fr: "ce modèle a {count} axes ; donnez un objet avec des étiquettes pour {known}",
        vi: "mô hình này có {count} trục; hãy đưa một đối tượng có nhãn cho {known}",
    },
    Text {
        en: "0 steps; expected at least 1",
        fr: "0 étape ; il en faut au moins 1",
        vi: "0 bước; cần ít nhất 1",
    },
    Text {
        en: "{steps} steps; expected 1 to {most}",
        fr: "{steps} étapes ; il en faut de 1 à {most}",
        vi: "{steps} bước; cần từ 1 đến {most}",
    },
    Text {
        en: "leaves none of {steps} steps to do; expected at least {least}, or more steps",
        fr: "ne laisse aucune des {steps} étapes à faire ; il faut au moins {least}, ou plus d’étapes",
        vi: "không để lại bước nào trong {steps} bước; cần ít nhất {least}, hoặc nhiều bước hơn",
    },
    Text {
        en: "a JPEG file has no transparency; ask for png or webp",
        fr: "un fichier JPEG n’a pas de transparence ; demandez png ou webp",
        vi: "tệp JPEG không có nền trong suốt; hãy xin png hoặc webp",
    },
    Text {
        en: "found {other}; expected transparent, opaque (which is white) or a colour as #rrggbb",
        fr: "trouvé {other} ; attendu : transparent, opaque (c’est-à-dire blanc) ou une couleur écrite #rrggbb",
        vi: "thấy {other}; cần transparent, opaque (tức là màu trắng) hoặc một màu viết dạng #rrggbb",
    },
    Text {
        en: "are weights, and this model mixes no styles; {offer}",
        fr: "ce sont des poids, et ce modèle ne mélange pas de styles ; {offer}",
        vi: "là các trọng số, mà mô hình này không pha trộn phong cách; {offer}",
    },
    Text {
        en: "is an image, and this model takes no style image; {offer}",
        fr: "c’est une image, et ce modèle ne prend pas d’image de style ; {offer}",
        vi: "là một bức ảnh, mà mô hình này không nhận ảnh phong cách; {offer}",
    },
    Text {
        en: "every weight is 0; give one of them more",
        fr: "tous les poids sont à 0 ; donnez plus à l’un d’eux",
        vi: "mọi trọng số đều là 0; hãy cho một trọng số lớn hơn",
    },
    Text {
        en: "{weight}; expected 0 to 1",
        fr: "{weight} ; attendu : de 0 à 1",
        vi: "{weight}; cần từ 0 đến 1",
    },
    Text {
        en: "there is no style {name}{alike}; {offer}",
        fr: "il n’y a pas de style {name}{alike} ; {offer}",
        vi: "không có phong cách {name}{alike}; {offer}",
    },
    Text {
        en: "names no style; {offer}",
        fr: "ne nomme aucun style ; {offer}",
        vi: "không nêu phong cách nào; {offer}",
    },
    Text {
        en: "the styles are {names}",
        fr: "les styles sont {names}",
        vi: "các phong cách là {names}",
    },
    Text {
        en: "cannot be combined with the format {format}; leave one out",
        fr: "ne va pas avec le format {format} ; laissez l’un des deux",
        vi: "không dùng cùng định dạng {format}; hãy bỏ bớt một",
    },
    Text {
        en: "is for the formats {one} and {other} and for walks as gif, and this is {format}",
        fr: "sert aux formats {one} et {other} et aux chemins en gif, et c’est ici {format}",
        vi: "dành cho các định dạng {one}, {other} và đường đi dạng gif, mà đây là {format}",
    },
    Text {
        en: "{format} holds at least 2 images, and this request makes 1; ask for more, or for a walk with interpolate",
        fr: "{format} tient au moins 2 images, et cette requête en fait 1 ; demandez-en plus, ou un chemin avec interpolate",
        vi: "{format} chứa ít nhất 2 ảnh, mà yêu cầu này tạo 1; hãy xin thêm, hoặc xin một đường đi bằng interpolate",
    },
    Text {
        en: "makes a sheet of {width} × {height} pixels, and a {format} file holds {most} a side; ask for fewer images or another format",
        fr: "ferait une planche de {width} × {height} pixels, et un fichier {format} en tient {most} par côté ; demandez moins d’images ou un autre format",
        vi: "tạo bảng {width} × {height} điểm ảnh, mà tệp {format} chỉ chứa {most} mỗi cạnh; hãy xin ít ảnh hơn hoặc định dạng khác",
    },
    Text {
        en: "makes a sheet of {width} × {height} pixels, and {most} is the most; ask for fewer images",
        fr: "ferait une planche de {width} × {height} pixels, et {most} est le maximum ; demandez moins d’images",
        vi: "tạo bảng {width} × {height} điểm ảnh, mà nhiều nhất là {most}; hãy xin ít ảnh hơn",
    },
    Text {
        en: "has {given} numbers; a latent of this size has {channels} × {height} × {width} = {numbers}",
        fr: "a {given} nombres ; un vecteur de cette taille en a {channels} × {height} × {width} = {numbers}",
        vi: "có {given} con số; véc-tơ cỡ này có {channels} × {height} × {width} = {numbers}",
    },
    Text {
        en: "is a prompt, and this model walks between latents; give a latent or a seed",
        fr: "c’est une consigne, et ce modèle chemine entre des vecteurs ; donnez un vecteur ou une graine",
        vi: "là một lời nhắc, mà mô hình này đi giữa các véc-tơ; hãy đưa véc-tơ hoặc hạt giống",
    },
    Text {
        en: "is an image, and this model has no encoder; give a latent or a seed",
        fr: "c’est une image, et ce modèle n’a pas d’encodeur ; donnez un vecteur ou une graine",
        vi: "là một bức ảnh, mà mô hình này không có bộ mã hóa; hãy đưa véc-tơ hoặc hạt giống",
    },
    Text {
        en: "is an image; a pipeline walks between prompts and their noise, so give a prompt, a seed or both",
        fr: "c’est une image ; un pipeline chemine entre des consignes et leur bruit : donnez une consigne, une graine ou les deux",
        vi: "là một bức ảnh; pipeline đi giữa các lời nhắc và nhiễu của chúng, nên hãy đưa lời nhắc, hạt giống hoặc cả hai",
    },
    Text {
        en: "is missing; give the image to enlarge",
        fr: "manque ; donnez l’image à agrandir",
        vi: "bị thiếu; hãy đưa ảnh cần phóng to",
    },
    Text {
        en: "is missing; give an image of the style",
        fr: "manque ; donnez une image du style",
        vi: "bị thiếu; hãy đưa một bức ảnh có phong cách đó",
    },
    Text {
        en: "is a seed, and no seed draws a style; give a vector, an image, or a prompt that names a style",
        fr: "est une graine, et aucune graine ne tire de style ; donnez un vecteur, une image, ou une consigne qui nomme un style",
        vi: "là hạt giống, mà không hạt giống nào gieo ra phong cách; hãy đưa véc-tơ, ảnh, hoặc lời nhắc gọi tên phong cách",
    },
    Text {
        en: "is missing; give the image to paint",
        fr: "manque ; donnez l’image à peindre",
        vi: "bị thiếu; hãy đưa ảnh cần vẽ",
    },
    Text {
        en: "is missing; give the image to translate",
        fr: "manque ; donnez l’image à transformer",
        vi: "bị thiếu; hãy đưa ảnh cần chuyển đổi",
    },
    Text {
        en: "is {size}; give an upper part, {width} wide and less than {height} high, or say with keep_rows how much of it is kept",
        fr: "mesure {size} ; donnez un haut d’image, large de {width} et haut de moins de {height}, ou dites avec keep_rows ce qui en est gardé",
        vi: "có cỡ {size}; hãy đưa phần trên, rộng {width} và cao dưới {height}, hoặc dùng keep_rows để nói giữ lại bao nhiêu",
    },
    Text {
        en: "{rows} rows; expected 1 to {most}, the image's height",
        fr: "{rows} lignes ; il en faut de 1 à {most}, la hauteur de l’image",
        vi: "{rows} hàng; cần từ 1 đến {most}, chiều cao của ảnh",
    },
    Text {
        en: "{count} images would all be the same; ask for 1",
        fr: "{count} images seraient toutes pareilles ; demandez-en 1",
        vi: "{count} bức ảnh sẽ giống hệt nhau; hãy xin 1",
    },
    Text {
        en: "{count} images would all be the same; ask for 1, or leave a class axis to the seed",
        fr: "{count} images seraient toutes pareilles ; demandez-en 1, ou laissez un axe de classe à la graine",
        vi: "{count} bức ảnh sẽ giống hệt nhau; hãy xin 1, hoặc để một trục lớp cho hạt giống",
    },
    Text {
        en: "{count} images; an image is enlarged in one way",
        fr: "{count} images ; une image ne s’agrandit que d’une façon",
        vi: "{count} bức ảnh; một ảnh chỉ được phóng to theo một cách",
    },
    Text {
        en: "{scale}; this model enlarges by {scales}",
        fr: "{scale} ; ce modèle agrandit de {scales}",
        vi: "{scale}; mô hình này phóng to {scales} lần",
    },
    Text {
        en: "the model {id} (family {family}) does not take it; {takers}. This model takes {own}",
        fr: "le modèle {id} (famille {family}) ne le prend pas ; {takers}. Ce modèle prend {own}",
        vi: "mô hình {id} (họ {family}) không nhận trường này; {takers}. Mô hình này nhận {own}",
    },
    Text {
        en: "these do: {names}",
        fr: "ceux-ci le prennent : {names}",
        vi: "các mô hình nhận: {names}",
    },
    Text {
        en: "another model may",
        fr: "un autre modèle le prend peut-être",
        vi: "có thể mô hình khác nhận",
    },
    Text {
        en: "no model here does",
        fr: "aucun modèle d’ici ne le prend",
        vi: "ở đây không mô hình nào nhận",
    },
];
