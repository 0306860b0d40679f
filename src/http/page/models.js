// The models: the one in use, and a dialog with a card for each.

import * as api from './api.js';
import { h, icon } from './dom.js';
import { capital, familyOf, inDigits, t } from './language.js';

/// The model in use, with a button that leads to the others and all that its card says.
export function current(model, choose) {
  return h('div', { class: 'current' },
    h('div', { class: 'row' },
      thumbnail(model),
      h('div', { class: 'names' }, h('h2', {}, model.title || model.id), h('p', { class: 'hint' }, model.summary)),
      h('button', { type: 'button', class: 'quiet small', 'aria-haspopup': 'dialog', on: { click: choose } }, t('model.change'))),
    h('details', { class: 'more about' }, h('summary', {}, t('model.about'), icon('down')), facts(model)));
}

function thumbnail(model) {
  if (!model.sample) return h('span', { class: 'thumb letter', 'aria-hidden': 'true' }, (model.title || model.id).charAt(0));
  return sampled(model, { class: 'thumb pixels', alt: '' });
}

/// The image element of a model's sample.
function sampled(model, props) {
  const image = h('img', props);
  api.sample(model.sample).then((url) => { if (url) image.src = url; });
  return image;
}

/// What a card says: data, licence, limits and the rest.
export function facts(model) {
  const card = model.card ?? {};
  const row = (key, ...what) => what.flat().filter(Boolean).length > 0 && [h('dt', {}, t(key)), h('dd', { dir: 'auto' }, what)];
  const lines = (list) => list?.length > 0 && h('ul', {}, list.map((line) => h('li', {}, line)));
  const source = (one) => h('li', {}, one.name, [one.package, one.license].filter(Boolean).map((more) => ` · ${more}`), one.note && h('span', { class: 'hint' }, ` ${one.note}`));
  const measured = (one) => h('li', {}, `${one.metric}: `, h('b', {}, `${typeof one.value === 'number' ? inDigits(one.value) : one.value}${one.unit ? ` ${one.unit}` : ''}`));
  return h('dl', { class: 'facts' },
    row('card.size', sizeOf(model), familyOf(model)),
    row('card.notes', lines(model.notes?.map(capital))),
    row('card.use', card.intended_use),
    row('card.data', card.data?.length > 0 && h('ul', {}, card.data.map(source))),
    row('card.license', card.license),
    row('card.limits', lines(card.limits)),
    row('card.quality', card.quality?.length > 0 && h('ul', {}, card.quality.map(measured))),
    row('card.attribution', lines(card.attribution)),
    row('card.runs', model.provider?.toUpperCase()),
    row('card.digest', h('span', { class: 'digest' }, model.digest)));
}

/// Width and height, where they are the model's own.
function sizeOf({ image, picture }) {
  const { width, height } = image ?? picture ?? {};
  return width && height ? `${width}×${height} · ` : '';
}

/// The dialog. `use` is called with the id of the model that was chosen.
export function chooser(list, inUse, use) {
  const cards = h('div', { class: 'cards' }, list.map((model) => card(model, inUse, (id) => { dialog.close(); use(id); })));
  const dialog = h('dialog', { class: 'chooser', 'aria-labelledby': 'chooser-title', on: { close: () => dialog.remove() } },
    h('div', { class: 'heading' }, h('h2', { id: 'chooser-title' }, t('model.choose')),
      h('button', { type: 'button', class: 'tool', 'aria-label': t('close'), title: t('close'), on: { click: () => dialog.close() } }, icon('close'))),
    cards);
  // A click beside the dialog closes it.
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
}

function card(model, inUse, use) {
  if (model.status === 'broken') {
    return h('article', { class: 'card broken' }, h('div', { class: 'text' },
      h('h3', {}, model.id), h('p', { class: 'fault' }, t('model.broken')), h('p', { class: 'hint', dir: 'auto' }, model.reason)));
  }
  if (model.status === 'loading') {
    return h('article', { class: 'card' }, h('div', { class: 'text' },
      h('h3', {}, model.id), h('p', { class: 'hint' }, t('model.loading'))));
  }
  const title = model.title || model.id;
  const says = t(model.id === inUse ? 'model.current' : 'model.use');
  const more = h('details', { class: 'more' }, h('summary', {}, t('model.about'), icon('down')));
  // The rest of the card is fetched when somebody wants to read it.
  more.addEventListener('toggle', async () => {
    if (more.open && more.children.length === 1) more.append(facts(await api.model(model.id)));
  });
  return h('article', { class: 'card' },
    model.sample
      ? sampled(model, { class: 'samples pixels', alt: t('model.samples', { title }) })
      : h('span', { class: 'samples letter', 'aria-hidden': 'true' }, title.charAt(0)),
    h('div', { class: 'text' },
      h('h3', {}, title, h('span', { class: 'tag' }, familyOf(model))),
      h('p', { class: 'hint', dir: 'auto' }, model.summary),
      more,
      h('button', { type: 'button', class: model.id === inUse ? 'quiet' : 'primary', on: { click: () => use(model.id) }, 'aria-label': `${says}: ${title}` }, says)));
}
