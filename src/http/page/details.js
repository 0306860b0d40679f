// What is known of an image: a caption, those that were painted with it, its settings.

import { buttons } from './actions.js';
import { h, icon } from './dom.js';
import { resize } from './image-size.js';
import { choiceWord, inDigits, labelOf, nameOf, ownWord, t } from './language.js';
import { wordsOf } from './requests.js';
import { inWords } from './values.js';

/// The elements under the image.
export function details(image, siblings, model, actions) {
  const code = h('div', { class: 'code-box', hidden: true });
  return [
    image.warnings?.length > 0 && h('p', { class: 'note' }, image.warnings.join(' ')),
    caption(image, model), strip(image, siblings, actions), buttons(image, model, actions, code), code, sources(image), settings(image, model),
  ].filter(Boolean);
}

function caption(image, model) {
  const facts = [image.title, ...classes(image, model), ...style(image, model)];
  if (image.seed !== undefined) facts.push(t('picture.seed', { seed: image.seed }));
  if (image.score !== undefined) facts.push(t('picture.score', { score: inDigits(image.score, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) }));
  facts.push(`${image.width}×${image.height}`);
  const prompt = wordsOf(image.request);
  return h('div', { class: 'caption' },
    prompt && h('p', { class: 'prompt', dir: 'auto', title: prompt }, prompt),
    h('p', { class: 'row' }, h('span', { class: 'mark' }, t('picture.made')), h('span', {}, facts.join(' · '))));
}

/// The labels that were painted: each in its own words, or where it has none, with its axis.
export function classes(image, model) {
  return Object.entries(image.class ?? {}).map(([axis, label]) => {
    const own = model?.classes.find((one) => one.name === axis);
    const word = choiceWord(label, own?.labels);
    return word === ownWord(label, own?.labels) ? word : `${own?.title ?? nameOf(axis)} ${word}`;
  });
}

/// The style that was asked for by its name, or the model's own where nothing else asked for one.
function style({ request }, model) {
  const parameter = model?.parameters.find((one) => one.name === 'style' && one.choices?.length);
  const otherwise = request.prompt === undefined && request.style_image === undefined ? parameter?.default : undefined;
  const name = request.style ?? otherwise;
  return typeof name === 'string' && name.length <= 100 ? [choiceWord(name, parameter?.words)] : [];
}

/// The images that were painted together: a walk, or some of one kind.
function strip(image, siblings, actions) {
  if (siblings.length < 2) return undefined;
  const items = siblings.map((one, at) => {
    const url = URL.createObjectURL(one.blob);
    const shown = h('img', { src: url, alt: '', on: { load: () => URL.revokeObjectURL(url) } });
    resize(shown, one.width, one.height, 56, 56);
    return h('button', {
      type: 'button', class: 'tile', 'aria-label': `${at + 1} / ${siblings.length}`,
      'aria-current': one.id === image.id ? 'true' : undefined,
      on: { click: () => actions.select(one) },
    }, shown);
  });
  const row = h('div', { class: 'strip', role: 'group', 'aria-label': t('strip') }, items);
  if (!image.request.interpolate) return row;
  const play = h('button', { type: 'button', class: 'quiet small play', on: { click: () => actions.play(siblings, play) } }, t('strip.play'));
  return h('div', { class: 'filmstrip' }, row, play);
}

/// What somebody made that the image was painted from, each once with all whose it is.
function sources({ sources: found }) {
  if (!found?.length) return undefined;
  const names = [...new Set(found.map(({ name }) => name))];
  const rows = names.flatMap((name) => {
    const all = found.filter((one) => one.name === name);
    const whose = all.map(({ collection, license }) => [collection, license && `(${license})`].filter(Boolean).join(' '));
    const near = t('sources.near', { likeness: inDigits(all[0].likeness, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) });
    return [h('dt', { lang: 'en' }, name), h('dd', {}, [...whose.filter(Boolean), near].join(', '))];
  });
  const owed = [...new Set(found.map(({ attribution }) => attribution).filter(Boolean))];
  return h('details', { class: 'more sources' }, h('summary', {}, t('sources'), icon('down')),
    h('p', {}, t('sources.says')), h('dl', { class: 'facts' }, rows), owed.map((one) => h('p', { lang: 'en' }, one)));
}

/// The request, as a table of what it set.
function settings(image, model) {
  const rows = Object.entries(image.request).flatMap(([name, value]) => {
    if (name === 'model') return [h('dt', {}, t('model')), h('dd', {}, image.title)];
    const parameter = model?.parameters.find((one) => one.name === name);
    return [h('dt', {}, parameter ? labelOf(parameter) : nameOf(name)), h('dd', { dir: 'auto' }, inWords(value, parameter, model))];
  });
  return h('details', { class: 'more' }, h('summary', {}, t('settings'), icon('down')),
    h('dl', { class: 'facts' }, rows, h('dt', {}, t('card.digest')), h('dd', { class: 'digest' }, image.digest)));
}
