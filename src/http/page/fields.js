// A control for each parameter, drawn from nothing but its description.
//
// A field is {element, name, value(), set(value), complain(problem), focus()}. `value()` is undefined
// where the request shall leave the field out.

import { freshId, h, icon } from './dom.js';
import { group, list } from './groups.js';
import { mask, picture } from './image-field.js';
import { drawSeed } from './recipe.js';
import { vector } from './vector.js';
import { choiceWord, describe, labelsOf, nameOf, t } from './words.js';

/// The field of a parameter. `context` holds what fields share: the model, the language, and a
/// `changed()` to call.
export function field(parameter, context) {
  const draw = {
    integer: number, number, boolean: choice, string: parameter.choices?.length ? choice : text,
    array: array(parameter), object: group, image: picture, mask,
  }[parameter.kind];
  return (draw ?? raw)(parameter, { ...context, field });
}

function array(parameter) {
  if (parameter.fields?.length) return list;
  return parameter.items === 'number' ? vector : numbers;
}

/// What all fields have: a label, words that explain, and a place for what is wrong.
export function frame(parameter, { labels, control, extra = [], tag = 'div', kind = '' }) {
  const name = nameOf(parameter.name, parameter.words);
  const { hint, explain } = explained(parameter, name);
  const fault = h('p', { class: 'fault', id: freshId('fault'), hidden: true });
  const label = labels
    ? h('label', { for: labels.id, class: 'label' }, name)
    : h('span', { class: 'label', id: freshId('label') }, name);
  const head = h('div', { class: 'head' }, label, explain, h('span', { class: 'extra' }, extra));
  const target = labels ?? control;
  target.setAttribute('aria-describedby', `${hint.id} ${fault.id}`);
  if (!labels) target.setAttribute('aria-labelledby', label.id);
  const element = h(tag, { class: `field ${kind}`, 'data-field': parameter.name }, head, hint, control, fault);
  const complain = (problem) => {
    fault.hidden = !problem;
    fault.replaceChildren(...(problem ? [problem.sentence] : []));
    if (problem) target.setAttribute('aria-invalid', 'true');
    else target.removeAttribute('aria-invalid');
    element.classList.toggle('wrong', Boolean(problem));
  };
  return { element, complain, label, head };
}

/// What a parameter does, and the button that shows it.
export function explained(parameter, name) {
  const hint = h('p', { class: 'hint', id: freshId('hint'), hidden: true }, describe(parameter));
  const says = t('explain', { name });
  const explain = h('button', {
    type: 'button', class: 'explain', 'aria-expanded': 'false', 'aria-controls': hint.id, 'aria-label': says, title: says,
    on: { click: () => { hint.hidden = !hint.hidden; explain.setAttribute('aria-expanded', String(!hint.hidden)); } },
  }, icon('info'));
  return { hint, explain };
}

/// A number: a slider over the range in which people look, beside the number itself.
function number(parameter, context) {
  const whole = parameter.kind === 'integer';
  const [least, greatest] = parameter.usual ?? [parameter.minimum, parameter.maximum];
  const seed = whole && parameter.name === 'seed';
  const slides = !seed && least !== undefined && greatest !== undefined && greatest - least <= 1e5;
  const step = parameter.step ?? (whole ? 1 : stepFor(greatest - least));
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
  const value = () => (typed() === parameter.default ? undefined : typed());
  let slider;
  const follow = () => {
    if (!slider) return;
    const now = typed();
    slider.classList.toggle('unset', now === undefined && parameter.default === undefined);
    slider.value = typeof now === 'number' ? now : parameter.default ?? (least + greatest) / 2;
    slider.style.setProperty('--at', `${((slider.value - least) / (greatest - least)) * 100}%`);
  };
  if (slides) {
    slider = h('input', {
      type: 'range', min: least, max: greatest, step, class: 'slider', 'aria-label': nameOf(parameter.name, parameter.words),
      on: { input: () => { input.value = slider.value; follow(); context.changed(); } },
    });
  }
  input.addEventListener('input', () => { follow(); context.changed(); });
  follow();
  const set = (next) => { input.value = next === undefined || next === null ? '' : String(next); follow(); context.changed(); };
  const buttons = seed ? seedButtons(input, set, context) : [];
  const control = h('div', { class: slides ? 'row slides' : 'row' }, slider, input, buttons);
  const framed = frame(parameter, { labels: input, control, kind: seed ? 'seed' : 'numeric' });
  const check = () => outside(parameter, typed(), whole);
  return { ...framed, name: parameter.name, value, set, check, focus: () => input.focus() };
}

/// A sentence on a number that the server would refuse, in the reader's own language.
function outside(parameter, value, whole) {
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

/// A seed is drawn anew for each picture, unless it is locked.
function seedButtons(input, set, context) {
  const lock = h('button', { type: 'button', class: 'tool lock', 'aria-pressed': 'false' });
  const show = (locked) => {
    lock.setAttribute('aria-pressed', String(locked));
    lock.replaceChildren(icon(locked ? 'lock' : 'unlock'));
    const says = t('seed.lock');
    lock.setAttribute('aria-label', says);
    lock.title = says;
  };
  show(context.seedLocked?.() ?? false);
  lock.addEventListener('click', () => {
    const locked = lock.getAttribute('aria-pressed') !== 'true';
    if (locked && input.value === '') set(drawSeed());
    show(locked);
  });
  // Who types a seed means that one.
  input.addEventListener('input', () => show(input.value !== ''));
  input.addEventListener('lock', (event) => show(event.detail));
  const dice = h('button', {
    type: 'button', class: 'tool', 'aria-label': t('seed.dice'), title: t('seed.dice'),
    on: { click: () => set(drawSeed()) },
  }, icon('dice'));
  // Within an object a seed says where something starts, and nothing draws it anew.
  return context.nested ? [dice] : [dice, lock];
}

/// A text, which grows with what is written. Enter paints.
function text(parameter, context) {
  const input = h('textarea', {
    id: freshId('field'), rows: 1, class: 'text', autocomplete: 'off', spellcheck: 'false',
    placeholder: context.placeholder?.(parameter) ?? '',
  });
  const grow = () => { input.style.setProperty('height', 'auto'); input.style.setProperty('height', `${input.scrollHeight + 2}px`); };
  input.addEventListener('input', () => { grow(); context.changed(); });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      context.submit();
    }
  });
  const framed = frame(parameter, { labels: input, control: input, kind: 'words' });
  const value = () => (input.value.trim() === '' ? undefined : input.value.trim());
  const set = (next) => { input.value = next ?? ''; grow(); context.changed(); };
  return { ...framed, name: parameter.name, value, set, focus: () => input.focus() };
}

const MOST_CHIPS = 12;

/// A choice: chips where there are few, a list where there are many.
function choice(parameter, context) {
  const yesNo = parameter.kind === 'boolean';
  const values = yesNo ? [true, false] : parameter.choices;
  const word = (value) => (yesNo ? t(value ? 'yes' : 'no') : choiceWord(value, parameter, context.model));
  const open = parameter.default === undefined;
  const options = open ? [undefined, ...values] : values;
  // A label that nobody chooses is drawn, or left to the words of the prompt; a setting that nobody chooses is the model's own.
  const drawn = context.model?.family === 'diffusion' ? 'prompted' : 'any';
  const says = (value) => (value === undefined ? t(labelsOf(parameter, context.model) ? drawn : 'automatic') : word(value));
  if (options.map(says).join('').length > 60 || options.length > MOST_CHIPS) return select(parameter, context, options, says);
  const group = freshId('choice');
  const inputs = options.map((value) => h('input', {
    type: 'radio', name: group, class: 'unseen', checked: value === parameter.default,
    on: { change: () => context.changed() },
  }));
  const chips = options.map((value, place) => h('label', { class: 'chip' }, inputs[place], h('span', {}, says(value))));
  const control = h('div', { class: 'chips', role: 'radiogroup' }, chips);
  const framed = frame(parameter, { control, kind: 'choice' });
  const chosen = () => options[inputs.findIndex((input) => input.checked)];
  return {
    ...framed,
    name: parameter.name,
    value: () => (chosen() === parameter.default ? undefined : chosen()),
    set: (next) => {
      const place = options.findIndex((value) => String(value) === String(next ?? parameter.default));
      inputs[Math.max(place, 0)].checked = true;
      context.changed();
    },
    focus: () => (inputs.find((input) => input.checked) ?? inputs[0]).focus(),
  };
}

function select(parameter, context, options, says) {
  const control = h('select', { id: freshId('field'), on: { change: () => context.changed() } },
    options.map((value, place) => h('option', { value: place, selected: value === parameter.default }, says(value))));
  const framed = frame(parameter, { labels: control, control, kind: 'choice' });
  const chosen = () => options[control.selectedIndex];
  return {
    ...framed,
    name: parameter.name,
    value: () => (chosen() === parameter.default ? undefined : chosen()),
    set: (next) => {
      const place = options.findIndex((value) => String(value) === String(next ?? parameter.default));
      control.selectedIndex = Math.max(place, 0);
      context.changed();
    },
    focus: () => control.focus(),
  };
}

/// A list of numbers, such as seeds, as people write one.
function numbers(parameter, context) {
  const input = h('input', { type: 'text', id: freshId('field'), class: 'wide', placeholder: '1, 2, 3', autocomplete: 'off', on: { input: () => context.changed() } });
  const framed = frame(parameter, { labels: input, control: input });
  return {
    ...framed,
    name: parameter.name,
    value: () => {
      const words = input.value.split(/[\s,;]+/).filter(Boolean);
      return words.length ? words.map((word) => (Number.isFinite(Number(word)) ? Number(word) : word)) : undefined;
    },
    set: (next) => { input.value = (next ?? []).join(', '); context.changed(); },
    focus: () => input.focus(),
  };
}

/// A kind that came after this page: its value as JSON.
function raw(parameter, context) {
  const input = h('textarea', { id: freshId('field'), rows: 2, class: 'text code', spellcheck: 'false', placeholder: 'JSON', on: { input: () => context.changed() } });
  const framed = frame(parameter, { labels: input, control: input });
  return {
    ...framed,
    name: parameter.name,
    value: () => {
      if (input.value.trim() === '') return undefined;
      try { return JSON.parse(input.value); } catch { return input.value; }
    },
    set: (next) => { input.value = next === undefined ? '' : JSON.stringify(next); context.changed(); },
    focus: () => input.focus(),
  };
}
