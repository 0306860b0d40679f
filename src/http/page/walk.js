// A walk between two pictures of the gallery: choose where it starts, then where it ends.

import { h, icon } from './dom.js';
import { base64Of, size } from './pixels.js';
import { told, walkEnd } from './recipe.js';
import { t } from './words.js';

const STEPS = 9;

/// Draws into `place`. `go` is called with the request.
export function walk(place, { go }) {
  let start;
  let end;
  let model;
  const from = h('span', { class: 'tile end' });
  const to = h('span', { class: 'tile end' });
  const says = h('p', { class: 'hint', role: 'status' });
  const steps = h('input', { type: 'range', min: 3, max: 24, value: STEPS, id: 'walk-steps', on: { input: () => { number.textContent = steps.value; } } });
  const number = h('output', { for: 'walk-steps' }, String(STEPS));
  const button = h('button', { type: 'button', class: 'primary', on: { click: set } }, t('walk.go'));
  const shut = h('button', { type: 'button', class: 'tool', 'aria-label': t('close'), title: t('close'), on: { click: close } }, icon('close'));
  const panel = h('section', { class: 'walk', 'aria-label': t('walk') },
    h('div', { class: 'ends' }, from, icon('walk'), to),
    h('div', { class: 'middle' }, h('h3', {}, t('walk')), says,
      h('div', { class: 'row' }, h('label', { for: 'walk-steps' }, t('walk.steps')), steps, number)),
    button, shut);

  function fill(slot, picture, word) {
    slot.replaceChildren();
    if (!picture) {
      slot.textContent = '?';
      return;
    }
    const url = URL.createObjectURL(picture.blob);
    const image = h('img', { src: url, alt: `${word}: ${picture.alt}`, on: { load: () => URL.revokeObjectURL(url) } });
    size(image, picture.width, picture.height, 64, 64);
    slot.append(image);
  }

  function show(fault) {
    fill(from, start, t('walk.from'));
    fill(to, end, t('walk.to'));
    button.disabled = !end;
    says.textContent = fault ?? (end ? '' : t('walk.pick'));
    says.hidden = !says.textContent;
  }

  function open(picture, itsModel) {
    [start, end, model] = [picture, undefined, itsModel];
    const most = model.parameters.find((one) => one.name === 'interpolate')?.fields?.find((one) => one.name === 'steps')?.maximum;
    if (most) steps.max = Math.min(24, most);
    place.replaceChildren(panel);
    show(walkEnd(start, model) === undefined ? t('walk.unfit') : undefined);
  }

  /// Takes the picture as the end, if a walk waits for one.
  function offer(picture) {
    if (!start || !panel.isConnected || picture.id === start.id) return;
    const fits = picture.model === start.model && walkEnd(picture, model) !== undefined;
    if (fits) end = picture;
    show(fits ? undefined : t('walk.unfit'));
  }

  async function set() {
    const base = Object.fromEntries(Object.entries(told(start)).filter(([name]) => !LEFT.includes(name)));
    const interpolate = { from: await whole(start), to: await whole(end), steps: Number(steps.value) };
    close();
    go({ ...base, interpolate });
  }

  async function whole(picture) {
    const found = walkEnd(picture, model);
    return found?.image === null ? { image: await base64Of(picture.blob) } : found;
  }

  function close() {
    [start, end] = [undefined, undefined];
    place.replaceChildren();
  }

  return { open, offer, close };
}

// What says where a picture starts, or how many there are.
const LEFT = ['seed', 'seeds', 'n', 'latents', 'interpolate', 'image', 'best_of', 'mix'];
