// Every word of the page, in English, French and Vietnamese.
//
// TEXTS is the page's own; NAMES and SENTENCES translate what the server says of its parameters, by
// the server's English. What they don't know is shown as the server says it, so that a parameter
// that comes later has its words at once, and its translation when somebody adds a line here.

import { NAMES, PATTERNS, SENTENCES } from './translations.js';
import { setting } from './store.js';

export const LANGUAGES = [['en', 'English'], ['fr', 'Français'], ['vi', 'Tiếng Việt']];

export const TEXTS = {
  'skip': ['Skip to the picture', 'Aller à l’image', 'Đến thẳng bức tranh'],
  'docs': ['API', 'API', 'API'],
  'language': ['Language', 'Langue', 'Ngôn ngữ'],
  'theme': ['Theme', 'Thème', 'Giao diện'],
  'theme.auto': ['As the system', 'Comme le système', 'Theo hệ thống'],
  'theme.light': ['Light', 'Clair', 'Sáng'],
  'theme.dark': ['Dark', 'Sombre', 'Tối'],
  'foot': [
    'Every picture here is made by an AI model, and its file says so.',
    'Chaque image d’ici est faite par un modèle d’IA, et son fichier le dit.',
    'Mọi bức tranh ở đây do mô hình AI tạo ra, và tệp tranh có ghi rõ điều đó.',
  ],

  'model': ['Model', 'Modèle', 'Mô hình'],
  'model.change': ['Change', 'Changer', 'Đổi'],
  'model.choose': ['Choose a model', 'Choisir un modèle', 'Chọn mô hình'],
  'model.use': ['Paint with it', 'Peindre avec', 'Vẽ bằng mô hình này'],
  'model.current': ['In use', 'Utilisé', 'Đang dùng'],
  'model.broken': ['Cannot serve', 'Hors service', 'Không dùng được'],
  'model.about': ['About this model', 'À propos de ce modèle', 'Về mô hình này'],
  'model.none': [
    'This server has no model that can paint. Put one into its folder of models and start it again.',
    'Ce serveur n’a aucun modèle capable de peindre. Placez-en un dans son dossier de modèles et redémarrez-le.',
    'Máy chủ này chưa có mô hình nào vẽ được. Hãy đặt một mô hình vào thư mục của nó rồi khởi động lại.',
  ],
  'model.samples': ['Pictures that {title} painted', 'Images peintes par {title}', 'Tranh do {title} vẽ'],
  'card.data': ['Data', 'Données', 'Dữ liệu'],
  'card.license': ['Licence', 'Licence', 'Giấy phép'],
  'card.limits': ['Limits', 'Limites', 'Hạn chế'],
  'card.quality': ['Measured', 'Mesures', 'Đã đo'],
  'card.use': ['Meant for', 'Destiné à', 'Dùng để'],
  'card.size': ['Pictures', 'Images', 'Tranh'],
  'card.digest': ['Digest', 'Empreinte', 'Mã băm'],
  'card.attribution': ['Credits', 'Crédits', 'Ghi công'],
  'card.runs': ['Runs on', 'Tourne sur', 'Chạy trên'],

  'paint': ['Paint', 'Peindre', 'Vẽ'],
  'live': ['Live', 'En direct', 'Vẽ ngay'],
  'live.how': [
    'Paints as you move a control. “Paint” keeps the picture.',
    'Peint dès qu’un réglage bouge. « Peindre » garde l’image.',
    'Vẽ ngay khi bạn đổi thiết lập. Bấm “Vẽ” để giữ tranh.',
  ],
  'painting': ['Painting…', 'En train de peindre…', 'Đang vẽ…'],
  'cancel': ['Cancel', 'Annuler', 'Hủy'],
  'close': ['Close', 'Fermer', 'Đóng'],
  'add': ['Add', 'Ajouter', 'Thêm'],
  'remove': ['Remove', 'Retirer', 'Bỏ'],
  'yes': ['Yes', 'Oui', 'Có'],
  'no': ['No', 'Non', 'Không'],
  'any': ['Any', 'Au choix', 'Bất kỳ'],
  'prompted': ['as the prompt says', 'selon la consigne', 'theo lời nhắc'],
  'automatic': ['auto', 'auto', 'tự động'],
  'more': ['More settings', 'Autres réglages', 'Thiết lập khác'],
  'settings': ['Settings', 'Réglages', 'Thiết lập'],
  'explain': ['What {name} does', 'Ce que fait « {name} »', '“{name}” có tác dụng gì'],
  'prompt.example': ['For example: {example}', 'Par exemple : {example}', 'Ví dụ: {example}'],
  'prompt.far': [
    'The model was never told anything like “{prompt}”. What it knows nearest to it is “{nearest}”, at a likeness of {likeness} ({far} and more is near), so the picture may be a blot.',
    'Le modèle n’a rien appris qui ressemble à « {prompt} ». Le plus proche de ce qu’il connaît est « {nearest} », à une ressemblance de {likeness} (proche à partir de {far}) : l’image peut n’être qu’une tache.',
    'Mô hình chưa từng học điều gì giống “{prompt}”. Gần nhất trong những gì nó biết là “{nearest}”, độ giống {likeness} (từ {far} trở lên là gần), nên tranh có thể chỉ là một vệt màu.',
  ],
  'prompt.open': ['What shall it paint?', 'Que doit-il peindre ?', 'Vẽ gì bây giờ?'],
  'seed.dice': ['Draw another seed', 'Tirer une autre graine', 'Gieo hạt giống khác'],
  'seed.lock': ['Keep this seed', 'Garder cette graine', 'Giữ hạt giống này'],
  'vector.draw': ['Draw', 'Tirer au sort', 'Gieo ngẫu nhiên'],
  'vector.zero': ['Zeros', 'Zéros', 'Toàn số 0'],
  'vector.clear': ['Leave to the seed', 'Laisser à la graine', 'Để hạt giống quyết định'],
  'vector.component': ['Component {place} of {of}', 'Composante {place} sur {of}', 'Thành phần {place} trên {of}'],
  'image.drop': ['Drop, paste or choose a picture', 'Déposez, collez ou choisissez une image', 'Thả, dán hoặc chọn một bức ảnh'],
  'image.held': ['The picture to start from', 'L’image de départ', 'Ảnh ban đầu'],
  'image.taken': ['Picture taken', 'Image prise', 'Đã nhận ảnh'],
  'image.unreadable': ['This file is no picture that the browser can read.', 'Ce fichier n’est pas une image lisible par le navigateur.', 'Trình duyệt không đọc được tệp này như một bức ảnh.'],
  'mask.how': [
    'Brush over what shall be painted anew. With the keyboard: arrows move, Space paints.',
    'Passez le pinceau sur ce qui doit être repeint. Au clavier : les flèches déplacent, Espace peint.',
    'Tô lên phần cần vẽ lại. Với bàn phím: phím mũi tên để di chuyển, phím cách để tô.',
  ],
  'mask.canvas': ['Mask: what is painted anew', 'Masque : ce qui est repeint', 'Mặt nạ: phần được vẽ lại'],
  'mask.size': ['Size of the brush', 'Taille du pinceau', 'Cỡ cọ'],
  'mask.erase': ['Erase', 'Gommer', 'Tẩy'],
  'mask.clear': ['Clear', 'Effacer', 'Xóa'],
  'mask.invert': ['Invert', 'Inverser', 'Đảo'],

  'empty.title': ['A blank canvas', 'Une toile blanche', 'Một tấm toan trắng'],
  'empty.text': [
    '{title} is ready. One click, or the Enter key, paints the first picture.',
    '{title} est prêt. Un clic, ou la touche Entrée, peint la première image.',
    '{title} đã sẵn sàng. Một cú nhấp, hoặc phím Enter, là có bức tranh đầu tiên.',
  ],
  'empty.paint': ['Paint the first picture', 'Peindre la première image', 'Vẽ bức đầu tiên'],
  'stage': ['Picture', 'Image', 'Bức tranh'],
  'progress': ['Progress', 'Avancement', 'Tiến độ'],
  'progress.queued': ['Waiting, number {position} in line', 'En attente, numéro {position} dans la file', 'Đang chờ, thứ {position} trong hàng'],
  'progress.step': ['Step {step} of {of}', 'Étape {step} sur {of}', 'Bước {step} trên {of}'],
  'progress.preview': ['The unfinished picture', 'L’image inachevée', 'Bức tranh chưa xong'],
  'done': ['Done: {count} pictures', 'Terminé : {count} images', 'Xong: {count} bức tranh'],
  'done.one': ['Done: {name}', 'Terminé : {name}', 'Xong: {name}'],
  'cancelled': ['Cancelled.', 'Annulé.', 'Đã hủy.'],
  'seconds': ['{seconds} s', '{seconds} s', '{seconds} giây'],

  'picture.made': ['Made by AI', 'Faite par une IA', 'Do AI tạo'],
  'picture.alt': ['Picture made by the AI model {title}: {what}', 'Image faite par le modèle d’IA {title} : {what}', 'Tranh do mô hình AI {title} tạo: {what}'],
  'picture.seed': ['seed {seed}', 'graine {seed}', 'hạt giống {seed}'],
  'picture.score': ['score {score}', 'note {score}', 'điểm {score}'],
  'action.again': ['Again', 'Refaire', 'Vẽ lại'],
  'action.vary': ['Vary', 'Varier', 'Biến tấu'],
  'action.download': ['Download', 'Télécharger', 'Tải về'],
  'action.code': ['Copy as', 'Copier en', 'Sao chép thành'],
  'action.edit': ['Use its settings', 'Reprendre ses réglages', 'Dùng lại thiết lập'],
  'action.start': ['Start from it', 'Partir d’elle', 'Vẽ tiếp từ tranh này'],
  'action.walk': ['Walk from here', 'Chemin depuis ici', 'Đi từ đây'],
  'action.delete': ['Delete', 'Supprimer', 'Xóa'],
  'again.same': [
    'The same settings gave the same picture, byte for byte.',
    'Les mêmes réglages ont donné la même image, octet pour octet.',
    'Cùng thiết lập cho ra đúng bức tranh ấy, từng byte một.',
  ],
  'again.changed': [
    'The model has changed since, and so has the picture.',
    'Le modèle a changé depuis, et l’image aussi.',
    'Mô hình đã thay đổi từ dạo ấy, nên bức tranh cũng khác.',
  ],
  'understood.not': ['Words that this model doesn’t know: {words}.', 'Mots que ce modèle ne connaît pas : {words}.', 'Những từ mô hình này không biết: {words}.'],
  'copied': ['Copied.', 'Copié.', 'Đã sao chép.'],
  'copy.by.hand': ['Select and copy it:', 'Sélectionnez et copiez :', 'Hãy chọn rồi sao chép:'],
  'code.of': ['Code in {language}', 'Code en {language}', 'Mã {language}'],
  'strip': ['Pictures painted together', 'Images peintes ensemble', 'Các tranh vẽ cùng lượt'],
  'strip.play': ['Play', 'Lire', 'Chạy'],
  'strip.pause': ['Pause', 'Pause', 'Dừng'],

  'gallery': ['Gallery', 'Galerie', 'Bộ sưu tập'],
  'gallery.kept': ['Kept in this browser alone.', 'Gardée dans ce seul navigateur.', 'Chỉ lưu trong trình duyệt này.'],
  'gallery.empty': ['What you paint gathers here.', 'Ce que vous peignez se rassemble ici.', 'Tranh bạn vẽ sẽ tụ về đây.'],
  'gallery.clear': ['Delete all', 'Tout supprimer', 'Xóa tất cả'],
  'gallery.sure': ['Delete all {count} pictures of the gallery?', 'Supprimer les {count} images de la galerie ?', 'Xóa cả {count} bức tranh trong bộ sưu tập?'],

  'walk': ['Walk between two pictures', 'Chemin entre deux images', 'Đi giữa hai bức tranh'],
  'walk.pick': ['Now choose in the gallery where it ends.', 'Choisissez maintenant l’arrivée dans la galerie.', 'Giờ hãy chọn điểm đến trong bộ sưu tập.'],
  'walk.from': ['From', 'De', 'Từ'],
  'walk.to': ['To', 'À', 'Đến'],
  'walk.steps': ['Steps', 'Étapes', 'Số bước'],
  'walk.go': ['Walk', 'Parcourir', 'Đi'],
  'walk.unfit': [
    'A walk needs two pictures of the same model, each from a seed or a vector.',
    'Un chemin demande deux images du même modèle, chacune née d’une graine ou d’un vecteur.',
    'Cần hai bức tranh của cùng một mô hình, mỗi bức từ một hạt giống hoặc một véc-tơ.',
  ],

  'fault.number': ['This should be a number.', 'Il faut un nombre.', 'Cần một con số.'],
  'fault.whole': ['This should be a whole number.', 'Il faut un nombre entier.', 'Cần một số nguyên.'],
  'fault.between': ['This should lie between {minimum} and {maximum}.', 'La valeur doit être entre {minimum} et {maximum}.', 'Giá trị phải từ {minimum} đến {maximum}.'],
  'fault.least': ['This should be at least {minimum}.', 'La valeur doit être d’au moins {minimum}.', 'Giá trị ít nhất là {minimum}.'],
  'fault.most': ['This should be at most {maximum}.', 'La valeur doit être d’au plus {maximum}.', 'Giá trị nhiều nhất là {maximum}.'],
  'fault.step': ['This should be a multiple of {step}.', 'La valeur doit être un multiple de {step}.', 'Giá trị phải là bội số của {step}.'],
  'problem.invalid-field': ['The model can’t honour this:', 'Le modèle ne peut pas en tenir compte :', 'Mô hình không làm được điều này:'],
  'problem.queue-full': ['The server has as much work as it takes. Try again in {seconds} s.', 'Le serveur a tout le travail qu’il peut prendre. Réessayez dans {seconds} s.', 'Máy chủ đang kín việc. Hãy thử lại sau {seconds} giây.'],
  'problem.draining': ['The server is shutting down. Try again in a moment.', 'Le serveur s’arrête. Réessayez dans un instant.', 'Máy chủ đang dừng. Hãy thử lại sau giây lát.'],
  'problem.deadline-passed': ['It took longer than the server allows. Ask for less at once.', 'Cela a duré plus que le serveur ne le permet. Demandez-en moins à la fois.', 'Việc này lâu hơn mức máy chủ cho phép. Hãy yêu cầu ít hơn mỗi lần.'],
  'problem.too-large': ['The pictures in this request are too large for the server.', 'Les images de cette demande sont trop grandes pour le serveur.', 'Ảnh trong yêu cầu này quá lớn với máy chủ.'],
  'problem.internal': ['The server failed. Its log says why.', 'Le serveur a échoué. Son journal dit pourquoi.', 'Máy chủ gặp lỗi. Nhật ký của nó ghi lý do.'],
  'problem.unreachable': ['The server doesn’t answer. Is it still running?', 'Le serveur ne répond pas. Tourne-t-il encore ?', 'Máy chủ không trả lời. Nó còn chạy không?'],
  'problem.broken-model': ['This model can’t serve:', 'Ce modèle est hors service :', 'Mô hình này không dùng được:'],
  'problem.other': ['The server refused:', 'Le serveur a refusé :', 'Máy chủ từ chối:'],
};

// Warnings that are worth their translation, by how the server writes them.
const REMARKS = [
  [/^prompt: nothing in this model's training captions is near "(?<prompt>.*)"; the nearest, "(?<nearest>.*)", is at a likeness of (?<likeness>\S+) \((?<far>\S+) and more is near\)$/, 'prompt.far'],
];

let place = 0;

/// Speaks that language from here on; without one, the language of the reader's browser.
export function speak(language) {
  const known = LANGUAGES.map(([code]) => code);
  const wanted = [language ?? setting('language'), ...navigator.languages, navigator.language];
  const codes = wanted.filter(Boolean).map((one) => one.slice(0, 2).toLowerCase());
  place = known.indexOf(codes.find((code) => known.includes(code)) ?? 'en');
  document.documentElement.lang = known[place];
  return known[place];
}

export const language = () => LANGUAGES[place][0];

/// A text of the page, with {names} filled in.
export function t(key, values = {}) {
  return TEXTS[key][place].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/// What a parameter is called: its name in words, in those of the model where it has some.
export function nameOf(name, words) {
  const own = words?.find((label) => label.name === name)?.[language()]?.[0];
  if (own) return own.charAt(0).toUpperCase() + own.slice(1);
  const plain = name.replaceAll('_', ' ');
  return NAMES[name]?.[place] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/// What a parameter does, in the reader's language where the sentence is known.
export function describe(parameter) {
  const says = parameter.description;
  if (place === 0) return says;
  const known = SENTENCES[says]?.[place - 1];
  if (known) return known;
  for (const [english, texts] of Object.entries(PATTERNS)) {
    const [start, end] = english.split('{name}');
    if (says.startsWith(start) && says.endsWith(end)) {
      return texts[place - 1].replace('{name}', nameOf(parameter.name, parameter.words).toLowerCase());
    }
  }
  return says;
}

/// What the server has to say of an answer; of what it says often, in the reader's language.
export function remark(warning) {
  for (const [says, key] of REMARKS) {
    const found = warning.match(says);
    if (found) return t(key, found.groups);
  }
  return warning;
}

/// A choice in the reader's language: by the words that the model has for its labels.
export function choiceWord(value, parameter, model) {
  const labels = labelsOf(parameter, model);
  const label = labels?.find((one) => one.name === value);
  if (label && !/^[\d.]+$/.test(value)) return label[language()]?.[0] ?? NAMES[value]?.[place] ?? value;
  if (value === 'yes' || value === 'no') return t(value);
  return NAMES[value]?.[place] ?? value;
}

/// The labels of the class axis that a parameter chooses from.
export function labelsOf(parameter, model) {
  if (parameter.words?.length) return parameter.words;
  const fits = (axis) => axis.labels.length === parameter.choices?.length && axis.labels.every((label, at) => label.name === parameter.choices[at]);
  return (model?.classes ?? []).find(fits)?.labels;
}

/// A problem as a sentence, the server's own words marked as English.
export function sentence(problem) {
  const detail = problem.message.charAt(0).toUpperCase() + problem.message.slice(1).replace(/[.\s]*$/, '.');
  const whole = ['queue-full', 'draining', 'deadline-passed', 'too-large', 'internal', 'unreachable'];
  const key = `problem.${problem.kind}`;
  const says = document.createDocumentFragment();
  if (whole.includes(problem.kind)) {
    says.append(t(key, { seconds: problem.retryAfter ?? 1 }));
  } else if (place === 0) {
    says.append(detail);
  } else {
    const english = document.createElement('span');
    english.lang = 'en';
    english.textContent = detail;
    says.append(t(key in TEXTS ? key : 'problem.other'), ' ', english);
  }
  return says;
}
