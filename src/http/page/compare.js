// An image and the one it was made from, on the same place, with a slider between them.

import { h } from './dom.js';
import { blobOf } from './files.js';
import { t } from './language.js';
import { slider } from './slider.js';

/// What the image was made from, if it is known.
export function before(image) {
  const { image: source } = image.request;
  return typeof source === 'string' && source !== '' ? source : undefined;
}

/// The two of them. `after` is the element of the image, in its size.
export function comparison(image, after) {
  const url = URL.createObjectURL(blobOf(before(image)));
  const first = h('img', { src: url, alt: t('compare.before'), class: 'first', width: after.width, height: after.height, on: { load: () => URL.revokeObjectURL(url) } });
  // Small images before grow in squares, as all others do.
  first.addEventListener('load', () => { if (first.naturalWidth < first.width) first.classList.add('pixels'); });
  const both = h('div', { class: 'compare' }, after, first, h('span', { class: 'edge' }));
  const split = slider({
    min: 0, max: 100, value: 50, 'aria-label': t('compare.slider'),
    on: { input: () => both.style.setProperty('--split', `${split.value}%`) },
  });
  both.style.setProperty('--split', '50%');
  both.addEventListener('pointermove', (event) => {
    if (event.buttons === 0 && event.pointerType === 'mouse') return;
    const box = both.getBoundingClientRect();
    split.value = String(Math.round(((event.clientX - box.left) / box.width) * 100));
    split.dispatchEvent(new Event('input'));
  });
  return h('div', { class: 'comparison' }, both, h('div', { class: 'row' }, h('span', {}, t('compare.before')), split, h('span', {}, t('compare.after'))));
}
