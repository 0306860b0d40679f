// A vector of numbers: a small one is a bench of sliders, a large one a text.

import { freshId, h } from './dom.js';
import { frame } from './fields.js';
import { t } from './words.js';

const MOST_SLIDERS = 128;

export function vector(parameter, context) {
  const { minimum, maximum, usual } = parameter;
  const length = minimum === maximum ? minimum : undefined;
  return length && length <= MOST_SLIDERS ? bench(parameter, context, length, usual ?? [-3, 3]) : long(parameter, context);
}

function bench(parameter, context, length, [least, greatest]) {
  let values;
  const sliders = h('div', { class: 'bench', hidden: true });
  const tools = [
    button(t('vector.draw'), () => set(drawn(length, context.model.latent, [least, greatest]))),
    button(t('vector.zero'), () => set(Array(length).fill(0))),
  ];
  const clear = button(t('vector.clear'), () => set(undefined));
  const control = h('div', { role: 'group' }, h('div', { class: 'tools' }, tools, clear), sliders);
  const framed = frame(parameter, { control, kind: 'vector' });
  const slider = (place) => h('input', {
    type: 'range', min: least, max: greatest, step: (greatest - least) / 120, value: values[place],
    'aria-label': t('vector.component', { place: place + 1, of: length }),
    on: {
      input: (event) => {
        values = values.with(place, Number(Number(event.target.value).toFixed(4)));
        context.changed();
      },
    },
  });
  function set(next) {
    const fits = Array.isArray(next) && next.length === length && next.every((one) => typeof one === 'number');
    values = fits ? next : undefined;
    clear.disabled = !values;
    sliders.hidden = !values;
    sliders.replaceChildren(...(values ? values.map((_, place) => slider(place)) : []));
    context.changed();
  }
  clear.disabled = true;
  return { ...framed, name: parameter.name, value: () => values, set, focus: () => tools[0].focus() };
}

function button(says, click) {
  return h('button', { type: 'button', class: 'quiet small', on: { click } }, says);
}

/// Numbers as the model draws them: normal, unless its description says uniform.
function drawn(length, latent, [least, greatest]) {
  const uniform = latent?.distribution === 'uniform';
  const one = () => {
    if (uniform) return least + Math.random() * (greatest - least);
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
    return radius * Math.cos(2 * Math.PI * Math.random()) * (latent?.scale ?? 1);
  };
  return Array.from({ length }, () => Number(Math.min(greatest, Math.max(least, one())).toFixed(4)));
}

/// Too many numbers for sliders: they are pasted.
function long(parameter, context) {
  const input = h('textarea', {
    id: freshId('field'), rows: 2, class: 'text code', spellcheck: 'false', placeholder: '[0.1, -0.7, …]',
    on: { input: () => context.changed() },
  });
  const framed = frame(parameter, { labels: input, control: input });
  const value = () => {
    const written = input.value.trim();
    if (written === '') return undefined;
    try { return JSON.parse(written.startsWith('[') ? written : `[${written}]`); } catch { return written; }
  };
  const set = (next) => { input.value = next ? JSON.stringify(next) : ''; context.changed(); };
  return { ...framed, name: parameter.name, value, set, focus: () => input.focus() };
}
