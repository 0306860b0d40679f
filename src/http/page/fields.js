// A control for each parameter, drawn from nothing but its description.
//
// A field is {element, name, value(), set(value), complain(problem), focus()}. `value()` is undefined
// where the request shall leave the field out.

import { choice } from './choice-field.js';
import { freshId, h } from './dom.js';
import { frame } from './field.js';
import { group, list } from './groups.js';
import { imageInput, maskInput } from './image-input.js';
import { latentInput } from './latent-input.js';
import { number } from './number-field.js';
import { text } from './text-field.js';

/// The field of a parameter. `context` holds what fields share: the model, and a `changed()` to call.
export function field(parameter, context) {
  const draw = {
    integer: number, number, boolean: choice, string: parameter.choices?.length ? choice : text,
    array: array(parameter), object: group, image: imageInput, mask: maskInput,
  }[parameter.kind];
  return (draw ?? json)(parameter, { ...context, field });
}

function array(parameter) {
  if (parameter.fields?.length) return list;
  return parameter.items === 'number' ? latentInput : numbers;
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
function json(parameter, context) {
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
