// What was painted, in this browser's own storage.

import { announce, h, icon } from './dom.js';
import { resize } from './image-size.js';
import { t } from './language.js';
import * as store from './store.js';

const TILE = 96;

export function gallery(element, { select }) {
  const count = h('span', { class: 'count' });
  const clear = h('button', { type: 'button', class: 'quiet small', on: { click: () => removeAll() } }, icon('trash'), t('gallery.clear'));
  const tiles = h('ul', { class: 'tiles' });
  const none = h('p', { class: 'hint' }, t('gallery.empty'));
  const heading = h('h2', { id: 'gallery-title' }, t('gallery'), ' ', count);
  const deleted = h('div', { class: 'row deleted', hidden: true });
  element.setAttribute('aria-labelledby', heading.id);
  const interpolation = h('div', {});
  element.replaceChildren(h('div', { class: 'heading' }, heading, h('p', { class: 'hint' }, t('gallery.kept')), clear), interpolation, deleted, none, tiles);
  let images = [];
  let current;
  let urls = [];

  /// One tile can be reached by Tab, the others from it by the arrows.
  tiles.addEventListener('keydown', (event) => {
    const buttons = [...tiles.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || next === undefined || !buttons[next]) return;
    event.preventDefault();
    buttons.forEach((button, place) => { button.tabIndex = place === next ? 0 : -1; });
    buttons[next].focus();
  });

  function draw() {
    for (const url of urls) URL.revokeObjectURL(url);
    urls = [];
    none.hidden = images.length > 0;
    clear.hidden = images.length === 0;
    count.textContent = images.length || '';
    const known = images.some((one) => one.id === current);
    tiles.replaceChildren(...images.map((image, at) => {
      const url = URL.createObjectURL(image.blob);
      urls.push(url);
      const shown = h('img', { src: url, alt: image.alt, loading: 'lazy' });
      resize(shown, image.width, image.height, TILE, TILE);
      return h('li', {}, h('button', {
        type: 'button', class: 'tile', tabindex: (known ? image.id === current : at === 0) ? 0 : -1,
        'aria-current': image.id === current ? 'true' : undefined,
        on: { click: () => select(image) },
      }, shown));
    }));
  }

  function mark(id) {
    current = id;
    images.forEach((image, at) => {
      const button = tiles.children[at]?.firstChild;
      if (!button) return;
      if (image.id === id) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
      button.tabIndex = image.id === id ? 0 : -1;
    });
  }

  async function load() {
    images = await store.all();
    draw();
    return images;
  }

  /// Keeps images as long as there is room. Answers them with their ids, and what to say where there
  /// was not enough.
  async function add(news) {
    forgetDeleted();
    const kept = await store.add(news);
    const all = await load();
    const over = store.overflow(all);
    if (!over.length) return { kept, says: [] };
    await store.remove(over.map((image) => image.id));
    await load();
    const ids = new Set(over.map((image) => image.id));
    const lost = kept.filter((image) => ids.has(image.id)).length;
    const says = lost
      ? t('gallery.full.new', { kept: kept.length - lost, of: kept.length, most: store.MOST_IMAGES })
      : t('gallery.full.old', { count: over.length, most: store.MOST_IMAGES });
    return { kept: kept.filter((image) => !ids.has(image.id)), says: [says] };
  }

  /// Deletes an image, and answers the one that takes its place.
  async function remove(image) {
    const at = images.findIndex((one) => one.id === image.id);
    await removed([image]);
    return images[Math.min(Math.max(at, 0), images.length - 1)];
  }

  async function removeAll() {
    await removed(images);
    select(undefined);
  }

  /// What is deleted can be had back until something else is painted or deleted.
  async function removed(gone) {
    await store.remove(gone.map((image) => image.id));
    await load();
    const undo = h('button', { type: 'button', class: 'quiet small', on: { click: () => back(gone) } }, icon('undo'), t('gallery.undo'));
    deleted.replaceChildren(h('span', {}, t('gallery.deleted', { count: gone.length })), undo);
    deleted.hidden = false;
    announce(t('gallery.deleted', { count: gone.length }));
    undo.focus({ preventScroll: true });
  }

  async function back(gone) {
    forgetDeleted();
    await store.add(gone);
    await load();
    announce(t('gallery.back', { count: gone.length }));
    select(images.find((image) => image.id === gone[0].id));
    tiles.querySelector('[aria-current]')?.focus({ preventScroll: true });
  }

  function forgetDeleted() {
    deleted.hidden = true;
    deleted.replaceChildren();
  }

  // Another tab has painted or deleted: what it has shown is shown here too.
  store.watch(async () => {
    await load();
    if (current !== undefined && !images.some((image) => image.id === current)) select(images[0]);
  });

  return {
    load,
    add,
    remove,
    mark,
    interpolation,
    siblings: (image) => images.filter((one) => one.batch === image.batch).sort((a, b) => a.order - b.order),
  };
}
