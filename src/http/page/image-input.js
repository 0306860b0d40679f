// An image that a model takes: chosen, dropped or pasted. And the mask over one, which is brushed.

import { brush } from './brush.js';
import { announce, freshId, h, icon } from './dom.js';
import { frame } from './field.js';
import { base64Of, blobOf, readable } from './files.js';
import { resize } from './image-size.js';
import { t } from './language.js';

const BOX = 160;

/// Fields on the page that would take a pasted image, the first one first.
const inputs = [];

document.addEventListener('paste', (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith('image/'));
  const input = inputs.find((one) => one.element.isConnected && one.element.offsetParent);
  if (file && input) {
    event.preventDefault();
    input.take(file);
  }
});

/// Puts an image into the first field that takes one. Answers whether there was one.
export function startFrom(blob) {
  const input = inputs.find((one) => one.element.isConnected);
  input?.take(blob);
  return Boolean(input);
}

export function imageInput(parameter, context) {
  let held;
  const file = h('input', { type: 'file', accept: 'image/*', class: 'visually-hidden', id: freshId('field'), on: { change: () => { if (file.files[0]) take(file.files[0]); file.value = ''; } } });
  const shown = h('div', { class: 'chosen-image', hidden: true });
  const zone = h('label', { class: 'drop-zone', for: file.id }, icon('image'), h('span', {}, t('image.drop')));
  const control = h('div', {
    class: 'image-input',
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
  const framed = frame(parameter, { labels: file, control, kind: 'image' });

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
      resize(image, held.width, held.height, BOX, BOX);
      const drop = h('button', {
        type: 'button', class: 'tool', 'aria-label': t('remove'), title: t('remove'),
        on: { click: () => { show(undefined); file.focus(); } },
      }, icon('close'));
      shown.append(image, h('span', { class: 'hint' }, `${held.width}×${held.height}`), drop);
    }
    context.changed();
  }

  const own = { element: framed.element, take };
  inputs.push(own);
  return {
    ...framed,
    name: parameter.name,
    value: () => held?.b64,
    image: () => held,
    set: (next) => { if (next) take(blobOf(next)); else show(undefined); },
    check: () => (parameter.required && !held ? t('fault.required') : undefined),
    choose: () => file.click(),
    focus: () => file.focus(),
    forget: () => inputs.splice(inputs.indexOf(own), 1),
  };
}

/// A mask over the image of the field that it needs.
export function maskInput(parameter, context) {
  const area = h('div', { class: 'brushing', role: 'group' });
  // White and black are for files; here is a brush.
  const framed = frame({ ...parameter, description: t('mask.canvas') }, { control: area, kind: 'mask' });
  let base;
  let painter;
  return {
    ...framed,
    name: parameter.name,
    value: () => painter?.value(),
    set: (next) => { if (next) painter?.load(next); else painter?.clear(); },
    /// Called when the image below has changed.
    setBase: (image) => {
      if (image === base) return;
      base = image;
      painter = image && brush(image, context.changed);
      area.replaceChildren(...(painter ? [painter.element] : []));
    },
    focus: () => painter?.focus(),
  };
}
