// A choice: chips where there are few, a list where there are many.

import { freshId, h } from './dom.js';
import { frame } from './field.js';
import { choiceWord, labelsOf, t } from './language.js';

const MOST_CHIPS = 12;
/// Letters that chips hold side by side before they become a list.
const MOST_LETTERS = 60;

export function choice(parameter, context) {
  const labels = labelsOf(parameter, context.model);
  const yesNo = parameter.kind === 'boolean';
  const values = yesNo ? [true, false] : parameter.choices;
  const options = parameter.default === undefined ? [undefined, ...values] : values;
  // A label that nobody chooses is drawn, or left to the words of the prompt; a setting that nobody chooses is the model's own.
  const isLabel = [parameter.name, context.within].includes('class');
  const open = isLabel ? (context.model?.prompts ? 'prompted' : 'any') : 'automatic';
  const wordOf = (value) => {
    if (value === undefined) return t(open);
    return yesNo ? t(value ? 'yes' : 'no') : choiceWord(value, labels);
  };
  const words = options.map(wordOf);
  const draw = words.join('').length > MOST_LETTERS || words.length > MOST_CHIPS ? dropDown : chips;
  return draw(parameter, context, options, words);
}

function chips(parameter, context, options, words) {
  const group = freshId('choice');
  const inputs = options.map((value) => h('input', {
    type: 'radio', name: group, class: 'visually-hidden', checked: value === parameter.default,
    on: { change: () => context.changed() },
  }));
  const control = h('div', { class: 'chips', role: 'radiogroup' },
    inputs.map((input, at) => h('label', { class: 'chip' }, input, h('span', {}, words[at]))));
  return {
    ...frame(parameter, { control, kind: 'choice' }),
    ...chosen(parameter, context, options, () => inputs.findIndex((input) => input.checked), (at) => { inputs[at].checked = true; }),
    focus: () => (inputs.find((input) => input.checked) ?? inputs[0]).focus(),
  };
}

function dropDown(parameter, context, options, words) {
  const control = h('select', { id: freshId('field'), on: { change: () => context.changed() } },
    options.map((value, at) => h('option', { value: at, selected: value === parameter.default }, words[at])));
  return {
    ...frame(parameter, { labels: control, control, kind: 'choice' }),
    ...chosen(parameter, context, options, () => control.selectedIndex, (at) => { control.selectedIndex = at; }),
    focus: () => control.focus(),
  };
}

function chosen(parameter, context, options, current, choose) {
  return {
    name: parameter.name,
    value: () => (options[current()] === parameter.default ? undefined : options[current()]),
    set: (next) => {
      choose(Math.max(options.findIndex((value) => String(value) === String(next ?? parameter.default)), 0));
      context.changed();
    },
  };
}
