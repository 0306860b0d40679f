// What is known of a picture, and what can be done with it.

import { code, LANGUAGES } from './code.js';
import { announce, h, icon } from './dom.js';
import { size } from './pixels.js';
import { choiceWord, nameOf, t } from './words.js';

/// The elements under the picture.
export function details(picture, siblings, model, actions) {
  const shown = h('div', { class: 'code-box', hidden: true });
  return [caption(picture, model), strip(picture, siblings, actions), buttons(picture, model, actions, shown), shown, settings(picture)].filter(Boolean);
}

function caption(picture, model) {
  const facts = [picture.title, ...classes(picture, model)];
  if (picture.seed !== undefined) facts.push(t('picture.seed', { seed: picture.seed }));
  if (picture.score !== undefined) facts.push(t('picture.score', { score: picture.score.toFixed(2) }));
  facts.push(`${picture.width}×${picture.height}`);
  return h('p', { class: 'caption' }, h('span', { class: 'mark' }, t('picture.made')), h('span', {}, facts.join(' · ')));
}

/// The labels that were painted, in words.
export function classes(picture, model) {
  return Object.entries(picture.class ?? {}).map(([axis, label]) => {
    const labels = model?.classes.find((one) => one.name === axis)?.labels.map((one) => one.name);
    return `${nameOf(axis)} ${labels ? choiceWord(label, { choices: labels }, model) : label}`;
  });
}

/// The pictures that were painted together: a walk, or some of one kind.
function strip(picture, siblings, actions) {
  if (siblings.length < 2) return undefined;
  const urls = [];
  const items = siblings.map((one, at) => {
    const url = URL.createObjectURL(one.blob);
    urls.push(url);
    const image = h('img', { src: url, alt: '', on: { load: () => URL.revokeObjectURL(url) } });
    size(image, one.width, one.height, 56, 56);
    return h('button', {
      type: 'button', class: 'tile', 'aria-label': `${at + 1} / ${siblings.length}`,
      'aria-current': one.id === picture.id ? 'true' : undefined,
      on: { click: () => actions.select(one) },
    }, image);
  });
  const row = h('div', { class: 'strip', role: 'group', 'aria-label': t('strip') }, items);
  if (!picture.request.interpolate) return row;
  const play = h('button', { type: 'button', class: 'quiet small play', on: { click: () => actions.play(siblings, play) } }, t('strip.play'));
  return h('div', { class: 'filmstrip' }, row, play);
}

// The file that the Download link leads to; there is one at a time.
let offered = '';

function buttons(picture, model, actions, shown) {
  const takes = (test) => model?.parameters.some(test);
  const action = (name, picture_, click) => h('button', { type: 'button', class: 'quiet', on: { click } }, icon(picture_), t(`action.${name}`));
  URL.revokeObjectURL(offered);
  offered = URL.createObjectURL(picture.blob);
  const extension = picture.media_type.split('/')[1].replace('jpeg', 'jpg');
  const download = h('a', { class: 'quiet button', href: offered, download: `${picture.model}-${picture.seed ?? picture.id}.${extension}` }, icon('save'), t('action.download'));
  const copies = LANGUAGES.map((language) => h('button', {
    type: 'button', class: 'quiet', 'aria-label': `${t('action.code')} ${language}`,
    on: { click: () => copy(language, picture, shown) },
  }, language));
  return h('div', { class: 'actions' },
    model && action('again', 'again', () => actions.again(picture)),
    model && action('vary', 'vary', () => actions.vary(picture)),
    download,
    model && action('edit', 'down', () => actions.edit(picture)),
    takes((one) => one.kind === 'image') && action('start', 'image', () => actions.start(picture)),
    takes((one) => one.name === 'interpolate') && action('walk', 'walk', () => actions.walk(picture)),
    h('span', { class: 'copies', role: 'group', 'aria-label': t('action.code') }, h('span', { class: 'says' }, icon('code'), t('action.code')), copies),
    h('button', { type: 'button', class: 'quiet danger', on: { click: () => actions.remove(picture) } }, icon('trash'), t('action.delete')));
}

async function copy(language, picture, shown) {
  const text = code(language, picture);
  const box = h('pre', { tabindex: 0, 'aria-label': t('code.of', { language }) }, text);
  let copied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Clipboards are for pages served safely, or from this machine.
    copied = false;
  }
  const says = t(copied ? 'copied' : 'copy.by.hand');
  shown.hidden = false;
  shown.replaceChildren(h('p', { class: 'hint' }, says), box);
  announce(says);
  if (!copied) getSelection().selectAllChildren(box);
}

/// The request, as a table of what it set.
function settings(picture) {
  const rows = Object.entries(picture.request).flatMap(([name, value]) => [
    h('dt', {}, name === 'model' ? t('model') : nameOf(name)),
    h('dd', {}, brief(value)),
  ]);
  return h('details', { class: 'more' }, h('summary', {}, t('settings'), icon('down')),
    h('dl', { class: 'facts' }, rows, h('dt', {}, t('card.digest')), h('dd', { class: 'digest' }, picture.digest)));
}

function brief(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (typeof value === 'string' && text.length > 400) return `${text.slice(0, 24)}…`;
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
