// A number: a slider over the range in which people look, beside the number itself. And a seed.

import { freshId, h, icon } from './dom.js';
import { frame } from './field.js';
import { labelOf, t } from './language.js';
import { drawSeed } from './requests.js';
import { follow, slider } from './slider.js';

/// More steps than this, and a slider is no way to choose one.
const MOST_STEPS = 1e5;

export function number(parameter, context) {
  const whole = parameter.kind === 'integer';
  const isSeed = whole && parameter.name === 'seed';
  const [least, greatest] = parameter.usual ?? [parameter.minimum, parameter.maximum];
  const slides = !isSeed && least !== undefined && greatest > least && greatest - least <= MOST_STEPS;
  const input = h('input', {
    type: 'text', inputmode: whole ? 'numeric' : 'decimal', id: freshId('field'), class: 'number', autocomplete: 'off',
    placeholder: parameter.default === undefined ? t('automatic') : String(parameter.default),
  });
  const typed = () => {
    const written = input.value.trim().replace(',', '.');
    if (written === '') return undefined;
    const value = Number(written);
    return Number.isFinite(value) ? value : input.value;
  };
  const range = slides && slider({
    min: least, max: greatest, step: parameter.step ?? (whole ? 1 : stepFor(greatest - least)), 'aria-label': labelOf(parameter),
    on: { input: () => { input.value = range.value; show(); context.changed(); } },
  });
  const show = () => {
    if (!range) return;
    const now = typed();
    range.classList.toggle('unset', now === undefined && parameter.default === undefined);
    range.value = typeof now === 'number' ? now : parameter.default ?? (least + greatest) / 2;
    follow(range);
  };
  const set = (next) => { input.value = next === undefined || next === null ? '' : String(next); show(); context.changed(); };
  input.addEventListener('input', () => { show(); context.changed(); });
  show();
  const seed = isSeed ? seedButtons(input, set, context) : undefined;
  const control = h('div', { class: slides ? 'row slides' : 'row' }, range, input, seed?.buttons);
  const framed = frame(parameter, { labels: input, control, kind: isSeed ? 'seed' : 'numeric' });
  return {
    ...framed,
    name: parameter.name,
    value: () => (typed() === parameter.default ? undefined : typed()),
    set,
    check: () => outside(parameter, typed(), whole),
    focus: () => input.focus(),
    lock: seed?.lock,
    isLocked: seed?.isLocked,
  };
}

/// A sentence on a number that the server would refuse, in the reader's own language.
export function outside(parameter, value, whole = parameter.kind === 'integer') {
  if (value === undefined) return undefined;
  if (typeof value !== 'number') return t('fault.number');
  if (whole && !Number.isInteger(value)) return t('fault.whole');
  const { minimum, maximum, step } = parameter;
  if (minimum !== undefined && maximum !== undefined && (value < minimum || value > maximum)) {
    return t('fault.between', { minimum, maximum });
  }
  if (minimum !== undefined && value < minimum) return t('fault.least', { minimum });
  if (maximum !== undefined && value > maximum) return t('fault.most', { maximum });
  if (step !== undefined && Math.abs(value / step - Math.round(value / step)) > 1e-9) return t('fault.step', { step });
  return undefined;
}

function stepFor(range) {
  if (!Number.isFinite(range)) return 'any';
  return 10 ** Math.floor(Math.log10(range / 40));
}

/// A seed is drawn anew for each image, unless it is locked.
function seedButtons(input, set, context) {
  const button = h('button', { type: 'button', class: 'tool lock', 'aria-pressed': 'false', 'aria-label': t('seed.lock'), title: t('seed.lock') });
  const isLocked = () => button.getAttribute('aria-pressed') === 'true';
  const lock = (locked) => {
    button.setAttribute('aria-pressed', String(locked));
    button.replaceChildren(icon(locked ? 'lock' : 'unlock'));
  };
  lock(false);
  button.addEventListener('click', () => {
    if (!isLocked() && input.value === '') set(drawSeed());
    lock(!isLocked());
  });
  // Who types a seed means that one.
  input.addEventListener('input', () => lock(input.value !== ''));
  const dice = h('button', {
    type: 'button', class: 'tool', 'aria-label': t('seed.dice'), title: t('seed.dice'),
    on: { click: () => set(drawSeed()) },
  }, icon('dice'));
  // Within an object a seed says where something starts, and nothing draws it anew.
  return { buttons: context.nested ? [dice] : [dice, button], lock, isLocked };
}
