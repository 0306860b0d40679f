// What can be done with an image.

import { code, filesOf, LANGUAGES } from './code.js';
import { before } from './compare.js';
import { announce, h, icon } from './dom.js';
import { blobOf, extensionOf } from './files.js';
import { t } from './language.js';

// The files that links lead to; there is one image at a time.
let offered = [];

function link(blob, name, ...inner) {
  const url = URL.createObjectURL(blob);
  offered.push(url);
  return h('a', { class: 'quiet button', href: url, download: name }, ...inner);
}

/// The buttons under an image; `shown` is where its code comes.
export function buttons(image, model, actions, shown) {
  offered.forEach((url) => URL.revokeObjectURL(url));
  offered = [];
  const takes = (test) => model?.parameters.some(test);
  const action = (name, symbol, click) => h('button', { type: 'button', class: 'quiet', on: { click } }, icon(symbol), t(`action.${name}`));
  const name = `${image.model}-${image.seed ?? image.id}.${extensionOf(image.media_type)}`;
  const copies = LANGUAGES.map((language) => h('button', {
    type: 'button', class: 'quiet', 'aria-label': `${t('action.code')} ${language}`,
    on: { click: () => copy(language, image, shown) },
  }, language));
  return h('div', { class: 'actions' },
    model && action('again', 'again', () => actions.again(image)),
    // An enlargement is the same from every seed.
    model && model.family !== 'upscale' && action('vary', 'vary', () => actions.vary(image)),
    link(image.blob, name, icon('save'), t('action.download')),
    before(image) && compare(actions),
    actions.has('upscale') && action('upscale', 'upscale', () => actions.upscale(image)),
    actions.has('style') && action('restyle', 'style', () => actions.restyle(image)),
    model && action('edit', 'down', () => actions.edit(image)),
    takes((one) => one.kind === 'image') && action('start', 'image', () => actions.start(image)),
    takes((one) => one.name === 'interpolate') && action('walk', 'walk', () => actions.interpolate(image)),
    h('span', { class: 'copies', role: 'group', 'aria-label': t('action.code') }, h('span', { class: 'copy-label' }, icon('code'), t('action.code')), copies),
    h('button', { type: 'button', class: 'quiet danger', on: { click: () => actions.remove(image) } }, icon('trash'), t('action.delete')));
}

function compare(actions) {
  const button = h('button', {
    type: 'button', class: 'quiet', 'aria-pressed': 'false', title: t('compare'),
    on: { click: () => button.setAttribute('aria-pressed', String(actions.compare())) },
  }, icon('compare'), t('action.compare'));
  return button;
}

async function copy(language, image, shown) {
  const text = code(language, image);
  const box = h('pre', { tabindex: 0, 'aria-label': t('code.of', { language }) }, text);
  let copied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Clipboards are for pages served safely, or from this machine.
    copied = false;
  }
  const says = t(copied ? 'copied' : 'copy.by.hand');
  const files = filesOf(image).map(({ name, b64 }) => link(blobOf(b64), name, icon('save'), name));
  shown.hidden = false;
  shown.replaceChildren(h('p', { class: 'hint' }, says), box,
    ...(files.length ? [h('p', { class: 'hint' }, t('code.files')), h('div', { class: 'tools' }, files)] : []));
  announce(says);
  if (!copied) getSelection().selectAllChildren(box);
}
