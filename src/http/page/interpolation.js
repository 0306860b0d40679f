// A walk between two images of the gallery: choose where it starts, then where it ends.

import { h, icon } from './dom.js';
import { base64Of } from './files.js';
import { resize } from './image-size.js';
import { t } from './language.js';
import { endOf, withClass } from './requests.js';
import { slider } from './slider.js';

const STEPS = 9;
const MOST_STEPS = 24;

/// Draws into `host`. `go` is called with the request.
export function interpolation(host, { go }) {
  let start;
  let end;
  let model;
  const from = h('span', { class: 'tile end' });
  const to = h('span', { class: 'tile end' });
  const status = h('p', { class: 'hint', role: 'status' });
  const number = h('output', { for: 'walk-steps' }, String(STEPS));
  const steps = slider({ min: 3, max: MOST_STEPS, value: STEPS, id: 'walk-steps', on: { input: () => { number.textContent = steps.value; } } });
  const button = h('button', { type: 'button', class: 'primary', on: { click: send } }, t('walk.go'));
  const shut = h('button', { type: 'button', class: 'tool', 'aria-label': t('close'), title: t('close'), on: { click: close } }, icon('close'));
  const panel = h('section', { class: 'walk', 'aria-label': t('walk') },
    h('div', { class: 'ends' }, from, icon('walk'), to),
    h('div', { class: 'middle' }, h('h3', {}, t('walk')), status,
      h('div', { class: 'row' }, h('label', { for: 'walk-steps' }, t('walk.steps')), steps, number)),
    button, shut);

  function fill(slot, image, word) {
    slot.replaceChildren();
    if (!image) {
      slot.textContent = '?';
      return;
    }
    const url = URL.createObjectURL(image.blob);
    const shown = h('img', { src: url, alt: `${word}: ${image.alt}`, on: { load: () => URL.revokeObjectURL(url) } });
    resize(shown, image.width, image.height, 64, 64);
    slot.append(shown);
  }

  function show(fault) {
    fill(from, start, t('walk.from'));
    fill(to, end, t('walk.to'));
    button.disabled = !end;
    status.textContent = fault ?? (end ? '' : t('walk.pick'));
    status.hidden = !status.textContent;
  }

  function open(image, itsModel) {
    [start, end, model] = [image, undefined, itsModel];
    const most = parameter()?.fields?.find((one) => one.name === 'steps')?.maximum;
    if (most) steps.max = Math.min(MOST_STEPS, most);
    steps.dispatchEvent(new Event('input'));
    host.replaceChildren(panel);
    show(endOf(start, model) === undefined ? t('walk.unfit') : undefined);
  }

  const parameter = () => model.parameters.find((one) => one.name === 'interpolate');

  /// Takes the image as the end, if a walk waits for one.
  function offer(image) {
    if (!start || !panel.isConnected || image.id === start.id) return;
    const fits = image.model === start.model && endOf(image, model) !== undefined;
    if (fits) end = image;
    show(fits ? undefined : t('walk.unfit'));
  }

  async function send() {
    const base = Object.fromEntries(Object.entries(withClass(start)).filter(([name]) => !STARTS.includes(name)));
    const [from, to] = [await whole(start), await whole(end)];
    // Each end has its own words, so that the request has no others.
    if (from.prompt !== undefined && to.prompt !== undefined) delete base.prompt;
    const request = { ...base, interpolate: { from, to, steps: Number(steps.value) } };
    close();
    go(request);
  }

  async function whole(image) {
    const found = endOf(image, model);
    return found?.image === null ? { image: await base64Of(image.blob) } : found;
  }

  function close() {
    [start, end] = [undefined, undefined];
    host.replaceChildren();
  }

  return { open, offer, close };
}

// What says where an image starts, or how many there are.
const STARTS = ['seed', 'seeds', 'n', 'latents', 'interpolate', 'image', 'best_of', 'mix'];
