//! Why a model can't serve: what its files, its graphs and its description are found to be. The English is
//! what those errors write; of what stands here in no other language, the English is shown.
//! `{why}` is a sentence of this list in its turn, and everything else is quoted.

use crate::language::Text;

pub(in crate::language) const SENTENCES: &[Text] = &[
    Text {
        en: "the {role}'s file {file} {why}",
        fr: "le fichier {file} du graphe {role} {why}",
        vi: "tệp {file} của đồ thị {role} {why}",
    },
    Text {
        en: "model.toml {why}",
        fr: "model.toml {why}",
        vi: "model.toml {why}",
    },
    Text {
        en: "card.toml {why}",
        fr: "card.toml {why}",
        vi: "card.toml {why}",
    },
    Text {
        en: "model_index.json {why}",
        fr: "model_index.json {why}",
        vi: "model_index.json {why}",
    },
    Text {
        en: "model.toml, line {line}: `{field}`: {fault}",
        fr: "model.toml, ligne {line} : `{field}` : {fault}",
        vi: "model.toml, dòng {line}: `{field}`: {fault}",
    },
    Text {
        en: "model.toml, line {line}: {fault}",
        fr: "model.toml, ligne {line} : {fault}",
        vi: "model.toml, dòng {line}: {fault}",
    },
    Text {
        en: "model.toml and the graphs disagree: {fault}",
        fr: "model.toml et les graphes se contredisent : {fault}",
        vi: "model.toml và các đồ thị mâu thuẫn nhau: {fault}",
    },
    Text {
        en: "graphs.{role}.{side}.{name}: the graph has no such {kind}; it has {ports}",
        fr: "graphs.{role}.{side}.{name} : le graphe n’a pas de {kind} de ce nom ; il a {ports}",
        vi: "graphs.{role}.{side}.{name}: đồ thị không có {kind} như thế; nó có {ports}",
    },
    Text {
        en: "picture.layout: {layout} does not fit the graph's output of shape {shape}",
        fr: "picture.layout : {layout} ne va pas à la sortie du graphe, de forme {shape}",
        vi: "picture.layout: {layout} không hợp với đầu ra của đồ thị, có hình dạng {shape}",
    },
    Text {
        en: "picture: the graph yields {shape}, which as {layout} is {width} × {height} with {channels} channels, and the manifest says otherwise",
        fr: "picture : le graphe rend {shape}, soit en {layout} {width} × {height} à {channels} canaux, et model.toml dit autre chose",
        vi: "picture: đồ thị cho ra {shape}, tức theo {layout} là {width} × {height} với {channels} kênh, mà model.toml nói khác",
    },
    Text {
        en: "ranges.{name}: the model takes no such number; it takes {known}",
        fr: "ranges.{name} : le modèle ne prend pas de nombre de ce nom ; il prend {known}",
        vi: "ranges.{name}: mô hình không nhận số nào như thế; nó nhận {known}",
    },
    Text {
        en: "ranges.{name}: found {least} to {greatest}, and the model takes {taken}",
        fr: "ranges.{name} : trouvé de {least} à {greatest}, et le modèle prend {taken}",
        vi: "ranges.{name}: thấy từ {least} đến {greatest}, mà mô hình nhận {taken}",
    },
    Text {
        en: "ranges.{name}: the default {default} is outside {least} to {greatest}",
        fr: "ranges.{name} : la valeur par défaut {default} est hors de {least} à {greatest}",
        vi: "ranges.{name}: giá trị mặc định {default} nằm ngoài {least} đến {greatest}",
    },
    Text {
        en: "pipelines of class {class} are not supported",
        fr: "les pipelines de classe {class} ne sont pas pris en charge",
        vi: "chưa hỗ trợ pipeline thuộc lớp {class}",
    },
    Text {
        en: "there is no model.toml to describe {graphs}; `{command}` drafts one",
        fr: "aucun model.toml ne décrit {graphs} ; `{command}` en ébauche un",
        vi: "không có model.toml mô tả {graphs}; `{command}` sẽ phác thảo một tệp",
    },
    Text {
        en: "it lies loose, without a model.toml to say what it means; `{command}` makes a model of it",
        fr: "il est posé là sans model.toml qui dise ce qu’il veut dire ; `{command}` en fait un modèle",
        vi: "nó nằm lẻ, không có model.toml nói rõ ý nghĩa; `{command}` sẽ biến nó thành mô hình",
    },
    Text {
        en: "is a link that leads out of the folder of models, and is not followed; put the model itself there, or name its own folder with --models",
        fr: "est un lien qui mène hors du dossier des modèles, et n’est pas suivi ; mettez-y le modèle même, ou nommez son dossier par --models",
        vi: "là liên kết dẫn ra ngoài thư mục mô hình nên không được theo; hãy đặt chính mô hình vào đó, hoặc chỉ thư mục của nó bằng --models",
    },
    Text {
        en: "{file} cannot be loaded: {why}",
        fr: "{file} ne se charge pas : {why}",
        vi: "không nạp được {file}: {why}",
    },
    Text {
        en: "{file} cannot be loaded: {fault}",
        fr: "{file} ne se charge pas : {fault}",
        vi: "không nạp được {file}: {fault}",
    },
    Text {
        en: "{file} can't be read: {fault}",
        fr: "{file} ne se lit pas : {fault}",
        vi: "không đọc được {file}: {fault}",
    },
    Text {
        en: "{file} keeps weights in {weights}, which {why}",
        fr: "{file} garde des poids dans {weights}, qui {why}",
        vi: "{file} để trọng số trong {weights}, tệp này {why}",
    },
    Text {
        en: "{file} needs the operator {operator} of {domain}, which ONNX Runtime does not have; export the model with standard operators alone",
        fr: "{file} demande l’opérateur {operator} de {domain}, qu’ONNX Runtime n’a pas ; exportez le modèle avec les seuls opérateurs standard",
        vi: "{file} cần toán tử {operator} của {domain} mà ONNX Runtime không có; hãy xuất mô hình chỉ với toán tử chuẩn",
    },
    Text {
        en: "{file} has a port that cannot be used: {why}",
        fr: "{file} a une entrée ou une sortie inutilisable : {why}",
        vi: "{file} có một cổng vào ra không dùng được: {why}",
    },
    Text {
        en: "{file} has a port that cannot be used: {fault}",
        fr: "{file} a une entrée ou une sortie inutilisable : {fault}",
        vi: "{file} có một cổng vào ra không dùng được: {fault}",
    },
    Text {
        en: "{file} does not run: {why}",
        fr: "{file} ne s’exécute pas : {why}",
        vi: "{file} không chạy được: {why}",
    },
    Text {
        en: "{file} does not run: {fault}",
        fr: "{file} ne s’exécute pas : {fault}",
        vi: "{file} không chạy được: {fault}",
    },
    Text {
        en: "{file} has changed since it was loaded",
        fr: "{file} a changé depuis son chargement",
        vi: "{file} đã thay đổi từ khi được nạp",
    },
    Text {
        en: "{name} is not a tensor",
        fr: "{name} n’est pas un tenseur",
        vi: "{name} không phải là tensor",
    },
    Text {
        en: "{name} has elements of type {element}",
        fr: "{name} a des éléments de type {element}",
        vi: "{name} có phần tử kiểu {element}",
    },
    Text {
        en: "input {input} is declared as {declared}, which a sample of shape {shape} does not fit",
        fr: "l’entrée {input} est déclarée {declared}, et un échantillon de forme {shape} n’y va pas",
        vi: "đầu vào {input} được khai báo là {declared}, mẫu có hình dạng {shape} không khớp",
    },
    Text {
        en: "tensor {tensor} has shape {shape} where the graph takes {takes}",
        fr: "le tenseur {tensor} est de forme {shape}, et le graphe prend {takes}",
        vi: "tensor {tensor} có hình dạng {shape}, mà đồ thị nhận {takes}",
    },
    Text {
        en: "output {output} holds NaN or infinite numbers for an ordinary input",
        fr: "la sortie {output} contient des NaN ou des infinis pour une entrée ordinaire",
        vi: "đầu ra {output} chứa NaN hoặc vô cực với đầu vào bình thường",
    },
    Text {
        en: "there is not enough memory",
        fr: "la mémoire ne suffit pas",
        vi: "không đủ bộ nhớ",
    },
    Text {
        en: "there is not enough memory (for {mib} MiB more)",
        fr: "la mémoire ne suffit pas (il en faudrait {mib} Mio de plus)",
        vi: "không đủ bộ nhớ (cần thêm {mib} MiB)",
    },
    Text {
        en: "it is not there",
        fr: "il n’est pas là",
        vi: "tệp không có ở đó",
    },
    Text {
        en: "is missing",
        fr: "manque",
        vi: "bị thiếu",
    },
    Text {
        en: "is a folder",
        fr: "est un dossier",
        vi: "là một thư mục",
    },
    Text {
        en: "is a link that leads out of the repository",
        fr: "est un lien qui mène hors du dépôt",
        vi: "là liên kết dẫn ra ngoài kho",
    },
    Text {
        en: "is not there; put it beside the graph under this name",
        fr: "n’est pas là ; mettez-le à côté du graphe sous ce nom",
        vi: "không có ở đó; hãy đặt nó cạnh đồ thị với tên này",
    },
    Text {
        en: "has {bytes} bytes of the {needed} that the graph needs; download or copy it again",
        fr: "a {bytes} octets sur les {needed} qu’il faut au graphe ; téléchargez-le ou copiez-le de nouveau",
        vi: "chỉ có {bytes} byte trong {needed} byte mà đồ thị cần; hãy tải hoặc sao chép lại",
    },
    Text {
        en: "is a Git LFS pointer, not the file itself; run `git lfs pull` where it was cloned, or download the file",
        fr: "est un pointeur Git LFS, pas le fichier lui-même ; lancez `git lfs pull` là où il a été cloné, ou téléchargez le fichier",
        vi: "là con trỏ Git LFS, không phải chính tệp ấy; hãy chạy `git lfs pull` ở nơi đã clone, hoặc tải tệp về",
    },
    Text {
        en: "is empty; download or copy it again",
        fr: "est vide ; téléchargez-le ou copiez-le de nouveau",
        vi: "trống rỗng; hãy tải hoặc sao chép lại",
    },
    Text {
        en: "is a web page or other XML, not the file itself; download the file (on Hugging Face with `resolve` in its address, not `blob`)",
        fr: "est une page web ou un autre XML, pas le fichier lui-même ; téléchargez le fichier (sur Hugging Face avec `resolve` dans l’adresse, pas `blob`)",
        vi: "là trang web hoặc XML khác, không phải chính tệp ấy; hãy tải tệp (trên Hugging Face dùng `resolve` trong địa chỉ, không phải `blob`)",
    },
    Text {
        en: "is a PyTorch checkpoint, which has no graph in it; load it into its model in Python and write one with `torch.onnx.export`",
        fr: "est un point de contrôle PyTorch, qui ne contient pas de graphe ; chargez-le dans son modèle en Python et écrivez-en un avec `torch.onnx.export`",
        vi: "là checkpoint PyTorch, bên trong không có đồ thị; hãy nạp nó vào mô hình bằng Python rồi ghi đồ thị bằng `torch.onnx.export`",
    },
    Text {
        en: "is a safetensors file, weights without a graph; load them into their model in Python and write a graph with `torch.onnx.export`",
        fr: "est un fichier safetensors, des poids sans graphe ; chargez-les dans leur modèle en Python et écrivez un graphe avec `torch.onnx.export`",
        vi: "là tệp safetensors, chỉ có trọng số mà không có đồ thị; hãy nạp vào mô hình bằng Python rồi ghi đồ thị bằng `torch.onnx.export`",
    },
    Text {
        en: "is a Keras model; load it in Python and write a graph with {call}",
        fr: "est un modèle Keras ; chargez-le en Python et écrivez un graphe avec {call}",
        vi: "là mô hình Keras; hãy nạp bằng Python rồi ghi đồ thị bằng {call}",
    },
    Text {
        en: "is a TensorFlow graph; convert it with {command}",
        fr: "est un graphe TensorFlow ; convertissez-le avec {command}",
        vi: "là đồ thị TensorFlow; hãy chuyển đổi bằng {command}",
    },
    Text {
        en: "is a TensorFlow Lite graph; convert it with {command}",
        fr: "est un graphe TensorFlow Lite ; convertissez-le avec {command}",
        vi: "là đồ thị TensorFlow Lite; hãy chuyển đổi bằng {command}",
    },
    Text {
        en: "is a GGUF file, weights for llama.cpp and its like; export the model that they come from to ONNX",
        fr: "est un fichier GGUF, des poids pour llama.cpp et ses pareils ; exportez en ONNX le modèle d’où ils viennent",
        vi: "là tệp GGUF, trọng số cho llama.cpp và các chương trình tương tự; hãy xuất mô hình gốc sang ONNX",
    },
    Text {
        en: "is a ZIP archive; unpack it, and give the .onnx file that is in it",
        fr: "est une archive ZIP ; décompressez-la, et donnez le fichier .onnx qu’elle contient",
        vi: "là tệp nén ZIP; hãy giải nén rồi đưa tệp .onnx bên trong",
    },
    Text {
        en: "{file} {why}",
        fr: "{file} {why}",
        vi: "{file} {why}",
    },
];
