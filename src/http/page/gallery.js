// What was painted, in this browser's own storage.

import { h, icon } from './dom.js';
import { size } from './pixels.js';
import * as store from './store.js';
import { t } from './words.js';

const TILE = 96;

export function gallery(element, { select }) {
  const count = h('span', { class: 'count' });
  const clear = h('button', { type: 'button', class: 'quiet small', on: { click: removeAll } }, icon('trash'), t('gallery.clear'));
  const tiles = h('ul', { class: 'tiles' });
  const none = h('p', { class: 'hint' }, t('gallery.empty'));
  const heading = h('h2', { id: 'gallery-title' }, t('gallery'), ' ', count);
  element.setAttribute('aria-labelledby', heading.id);
  const walk = h('div', { class: 'walk-place' });
  element.replaceChildren(h('div', { class: 'heading' }, heading, h('p', { class: 'hint' }, t('gallery.kept')), clear), walk, none, tiles);
  let pictures = [];
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
    none.hidden = pictures.length > 0;
    clear.hidden = pictures.length === 0;
    count.textContent = pictures.length || '';
    const known = pictures.some((one) => one.id === current);
    tiles.replaceChildren(...pictures.map((picture, at) => {
      const url = URL.createObjectURL(picture.blob);
      urls.push(url);
      const image = h('img', { src: url, alt: picture.alt, loading: 'lazy' });
      size(image, picture.width, picture.height, TILE, TILE);
      return h('li', {}, h('button', {
        type: 'button', class: 'tile', tabindex: (known ? picture.id === current : at === 0) ? 0 : -1,
        'aria-current': picture.id === current ? 'true' : undefined,
        on: { click: () => select(picture) },
      }, image));
    }));
  }

  function mark(id) {
    current = id;
    pictures.forEach((picture, at) => {
      const button = tiles.children[at]?.firstChild;
      if (!button) return;
      if (picture.id === id) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
      button.tabIndex = picture.id === id ? 0 : -1;
    });
  }

  async function add(news) {
    const kept = [];
    for (const picture of news) kept.push(await store.add(picture));
    pictures = [...[...kept].reverse(), ...pictures];
    const over = store.surplus(pictures);
    if (over.length) {
      await store.remove(over.map((picture) => picture.id));
      pictures = pictures.filter((picture) => !over.includes(picture));
    }
    draw();
    return kept;
  }

  async function remove(picture) {
    await store.remove([picture.id]);
    const at = pictures.indexOf(picture);
    pictures = pictures.filter((one) => one !== picture);
    draw();
    return pictures[Math.min(Math.max(at, 0), pictures.length - 1)];
  }

  async function removeAll() {
    if (!confirm(t('gallery.sure', { count: pictures.length }))) return;
    await store.remove(pictures.map((picture) => picture.id));
    pictures = [];
    draw();
    select(undefined);
  }

  return {
    load: async () => { pictures = await store.all(); draw(); return pictures; },
    add,
    remove,
    mark,
    walk,
    pictures: () => pictures,
    siblings: (picture) => pictures.filter((one) => one.batch === picture.batch).sort((a, b) => a.order - b.order),
  };
}
