// A latent: a small one is a row of sliders. A large one is nothing that anybody sets by hand.

import { freshId, h } from './dom.js';
import { frame } from './field.js';
import { t } from './language.js';
import { slider } from './slider.js';

const MOST_SLIDERS = 128;

export function latentInput(parameter, context) {
  const { minimum, usual } = parameter;
  return isSmall(parameter) ? sliders(parameter, context, minimum, usual ?? [-3, 3]) : pasted(parameter, context);
}

/// Whether it is a latent that sliders can show.
export function isSmall({ minimum, maximum }) {
  return minimum !== undefined && minimum === maximum && minimum <= MOST_SLIDERS;
}

function sliders(parameter, context, length, [least, greatest]) {
  let values;
  const rows = h('div', { class: 'sliders', hidden: true });
  const tools = [
    button(t('vector.draw'), () => set(sampled(length, context.model.latent, [least, greatest]))),
    button(t('vector.zero'), () => set(Array(length).fill(0))),
  ];
  const clear = button(t('vector.clear'), () => set(undefined));
  const control = h('div', { role: 'group' }, h('div', { class: 'tools' }, tools, clear), rows);
  const framed = frame(parameter, { control, kind: 'vector' });
  const one = (at) => slider({
    min: least, max: greatest, step: (greatest - least) / 120, value: values[at],
    'aria-label': t('vector.component', { place: at + 1, of: length }),
    on: {
      input: (event) => {
        values = values.with(at, Number(Number(event.target.value).toFixed(4)));
        context.changed();
      },
    },
  });
  function set(next) {
    const fits = Array.isArray(next) && next.length === length && next.every((one) => typeof one === 'number');
    values = fits ? next : undefined;
    clear.disabled = !values;
    rows.hidden = !values;
    rows.replaceChildren(...(values ? values.map((_, at) => one(at)) : []));
    context.changed();
  }
  clear.disabled = true;
  return { ...framed, name: parameter.name, value: () => values, set, focus: () => tools[0].focus() };
}

function button(label, click) {
  return h('button', { type: 'button', class: 'quiet small', on: { click } }, label);
}

/// Numbers as the model draws them: normal, unless its description says uniform.
function sampled(length, latent, [least, greatest]) {
  const uniform = latent?.distribution === 'uniform';
  const one = () => {
    if (uniform) return least + Math.random() * (greatest - least);
    const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
    return radius * Math.cos(2 * Math.PI * Math.random()) * (latent?.scale ?? 1);
  };
  return Array.from({ length }, () => Number(Math.min(greatest, Math.max(least, one())).toFixed(4)));
}

/// Too many numbers for sliders: they are pasted.
function pasted(parameter, context) {
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
