// What the server answers, as the gallery keeps it.

import { classes } from './details.js';
import { bytesOf } from './files.js';
import { t } from './language.js';
import { reproducing, wordsOf } from './requests.js';

/// The images of an answer.
export function answered(answer, request, model) {
  const warnings = warningsOf(answer);
  return answer.images.map((image, index) => ({ ...imageOf(image, index, answer, request, model), warnings }));
}

export function imageOf(image, index, answer, request, model) {
  const kept = {
    created: Date.now(), model: answer.model, title: model.title || model.id, digest: answer.digest,
    blob: new Blob([bytesOf(image.b64)], { type: image.media_type }), media_type: image.media_type,
    width: image.width, height: image.height, seed: image.seed, class: image.class, score: image.score, sources: image.sources,
    ...reproducing(request, answer, index),
  };
  const what = [wordsOf(request), ...classes(kept, model), kept.seed === undefined ? '' : t('picture.seed', { seed: kept.seed })];
  return { ...kept, alt: t('picture.alt', { title: kept.title, what: what.filter(Boolean).join(', ') }) };
}

/// What the server has to say of an answer, as sentences.
export function warningsOf(answer) {
  return (answer.warnings ?? []).map((warning) => `${warning.charAt(0).toUpperCase()}${warning.slice(1)}`.replace(/[.\s]*$/, '.'));
}
