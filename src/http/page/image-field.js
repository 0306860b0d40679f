// A picture that a model takes: chosen, dropped or pasted. And the mask over one, which is brushed.

import { brush } from './brush.js';
import { announce, freshId, h, icon } from './dom.js';
import { frame } from './fields.js';
import { base64Of, bytesOf, readable, size } from './pixels.js';
import { t } from './words.js';

const BOX = 160;

/// Fields on the page that would take a pasted picture, the first one first.
const takers = [];

document.addEventListener('paste', (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith('image/'));
  const taker = takers.find((one) => one.element.isConnected && one.element.offsetParent);
  if (file && taker) {
    event.preventDefault();
    taker.take(file);
  }
});

/// Offers a picture to the first field that takes one. Answers whether there was one.
export function offer(blob) {
  const taker = takers.find((one) => one.element.isConnected);
  taker?.take(blob);
  return Boolean(taker);
}

export function picture(parameter, context) {
  let held;
  const file = h('input', { type: 'file', accept: 'image/*', class: 'unseen', id: freshId('field'), on: { change: () => { if (file.files[0]) take(file.files[0]); file.value = ''; } } });
  const shown = h('div', { class: 'held', hidden: true });
  const zone = h('label', { class: 'drop', for: file.id }, icon('image'), h('span', {}, t('image.drop')));
  const control = h('div', {
    class: 'taker',
    on: {
      dragover: (event) => { event.preventDefault(); control.classList.add('over'); },
      dragleave: () => control.classList.remove('over'),
      drop: (event) => {
        event.preventDefault();
        control.classList.remove('over');
        const dropped = event.dataTransfer.files[0];
        if (dropped) take(dropped);
      },
    },
  }, file, zone, shown);
  const framed = frame(parameter, { labels: file, control, kind: 'picture' });

  async function take(blob) {
    try {
      const read = await readable(blob);
      show({ b64: await base64Of(read.blob), ...read });
      framed.complain(undefined);
      announce(t('image.taken'));
    } catch {
      framed.complain({ sentence: t('image.unreadable') });
    }
  }

  function show(next) {
    held = next;
    shown.hidden = !held;
    zone.hidden = Boolean(held);
    shown.replaceChildren();
    if (held) {
      const url = URL.createObjectURL(held.blob);
      const image = h('img', { src: url, alt: t('image.held'), on: { load: () => URL.revokeObjectURL(url) } });
      size(image, held.width, held.height, BOX, BOX);
      const drop = h('button', {
        type: 'button', class: 'tool', 'aria-label': t('remove'), title: t('remove'),
        on: { click: () => { show(undefined); file.focus(); } },
      }, icon('close'));
      shown.append(image, h('span', { class: 'hint' }, `${held.width}×${held.height}`), drop);
    }
    context.changed();
  }

  const taker = { element: framed.element, take };
  takers.push(taker);
  return {
    ...framed,
    name: parameter.name,
    value: () => held?.b64,
    held: () => held,
    set: (next) => { if (next) take(new Blob([bytesOf(next)], { type: kindOf(next) })); else show(undefined); },
    focus: () => file.focus(),
    forget: () => takers.splice(takers.indexOf(taker), 1),
  };
}

/// The kind of file, from how its base64 begins.
function kindOf(b64) {
  if (b64.startsWith('/9j/')) return 'image/jpeg';
  return b64.startsWith('UklGR') ? 'image/webp' : 'image/png';
}

/// A mask over the picture of the field that it needs.
export function mask(parameter, context) {
  const area = h('div', { class: 'brushing', role: 'group' });
  const framed = frame(parameter, { control: area, kind: 'mask' });
  let over;
  let board;
  return {
    ...framed,
    name: parameter.name,
    value: () => board?.value(),
    set: (next) => { if (next) board?.load(next); else board?.clear(); },
    /// Called when the picture below has changed.
    lay: (held) => {
      if (held === over) return;
      over = held;
      board = held && brush(held, context.changed);
      area.replaceChildren(...(board ? [board.element] : []));
    },
    focus: () => board?.focus(),
  };
}
