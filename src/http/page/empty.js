// What stands where the first image will be: an invitation, and what can be asked for.

import { sample } from './api.js';
import { h } from './dom.js';
import { examplesOf } from './examples.js';
import { t } from './language.js';

/// `paint` paints what the controls say, `example` a prompt, and `chooseImage` asks for an image.
export function empty(model, { paint, example, chooseImage }) {
  const title = model.title || model.id;
  const needsImage = model.parameters.some((parameter) => parameter.kind === 'image' && parameter.required);
  const examples = needsImage ? [] : examplesOf(model);
  return h('div', { class: 'empty' },
    model.sample && sampleImage(model, title),
    h('h2', {}, t('empty.title')),
    h('p', {}, t(needsImage ? 'empty.image' : 'empty.text', { title })),
    needsImage
      ? h('button', { type: 'button', class: 'primary', on: { click: chooseImage } }, t('empty.image.choose'))
      : h('button', { type: 'button', class: 'primary', on: { click: paint } }, t('empty.paint')),
    examples.length > 0 && h('div', { class: 'examples', role: 'group', 'aria-label': t('example.try') },
      examples.map((one) => h('button', {
        type: 'button', class: 'example', dir: 'auto', 'aria-label': t('example.use', { example: one }), on: { click: () => example(one) },
      }, one))));
}

function sampleImage(model, title) {
  const image = h('img', { alt: t('model.samples', { title }), class: 'sample pixels' });
  sample(model.sample).then((url) => { if (url) image.src = url; });
  return image;
}
