// The controls of a model, and the request that they make.

import { h, icon } from './dom.js';
import { field } from './fields.js';
import { blame, parts } from './groups.js';
import { drawSeed } from './recipe.js';
import { LANGUAGES, labelsOf, language, sentence, t } from './words.js';

// Drawn by no control: how often previews come is the page's own affair.
const OWN = ['preview_every'];
/// Previews in the whole of a picture.
const PREVIEWS = 8;

/// Draws the form. `submit` is called when the person wants a picture; `live` when a control has
/// moved while they want to see what it does at once.
export function form(model, { submit, cancel, live }) {
  const fault = h('div', { class: 'fault box', role: 'alert', hidden: true });
  const shown = model.parameters.filter((parameter) => !OWN.includes(parameter.name));
  const context = { model, submit: () => element.requestSubmit(), changed, placeholder: (parameter) => placeholder(parameter, model) };
  let fields;
  fields = shown.map((parameter) => field(parameter, context));
  const of = (advanced) => fields.filter((_, at) => Boolean(shown[at].advanced) === advanced).map((one) => one.element);
  const seed = fields.find((one) => one.name === 'seed');
  const button = h('button', { type: 'submit', class: 'primary' }, t('paint'));
  const stop = h('button', { type: 'button', class: 'quiet', hidden: true, on: { click: cancel } }, t('cancel'));
  const lively = h('button', {
    type: 'button', class: 'quiet', 'aria-pressed': 'false', hidden: true, title: t('live.how'),
    on: { click: () => { lively.setAttribute('aria-pressed', String(!isLive())); if (isLive()) lock(true); changed(); } },
  }, t('live'));
  const isLive = () => lively.getAttribute('aria-pressed') === 'true';
  const lock = (locked) => seed?.element.querySelector('input').dispatchEvent(new CustomEvent('lock', { detail: locked }));
  const advanced = of(true);
  const element = h('form', {
    class: 'form', novalidate: true, autocomplete: 'off',
    on: { submit: (event) => { event.preventDefault(); submit(); } },
  },
  h('div', { class: 'controls' },
    of(false),
    advanced.length > 0 && h('details', { class: 'more' }, h('summary', {}, t('more'), icon('down')), h('div', { class: 'inner' }, advanced))),
  h('div', { class: 'go' }, fault, h('div', { class: 'row' }, button, stop, lively)));

  /// Shows what goes together with what is there.
  function changed() {
    if (!fields) return;
    shown.forEach((parameter, at) => {
      if (!parameter.needs) return;
      const other = fields.find((one) => one.name === parameter.needs);
      fields[at].element.hidden = other?.value() === undefined;
      fields[at].lay?.(other?.held?.());
    });
    if (isLive()) live();
  }

  function values() {
    const there = fields.filter((one) => !one.element.hidden);
    return Object.fromEntries(there.map((one) => [one.name, one.value()]).filter(([, value]) => value !== undefined));
  }

  /// The request. A seed that isn't locked is drawn anew, here, so that it is known from the start.
  function request() {
    const locked = seed?.element.querySelector('.lock')?.getAttribute('aria-pressed') === 'true';
    const others = values();
    if (seed && !others.seeds && (!locked || others.seed === undefined)) seed.set(drawSeed());
    if (others.seeds) delete others.seed;
    return watched({ model: model.id, ...others, ...(seed && !others.seeds ? { seed: seed.value() } : {}) }, model);
  }

  /// What a person can see to be wrong is said before the server is asked. Answers whether all is well.
  function check() {
    complain(undefined);
    let well = true;
    for (const one of fields) {
      const wrong = !one.element.hidden && one.check?.();
      if (wrong) {
        one.complain({ sentence: wrong });
        if (well) reveal(one);
        well = false;
      }
    }
    return well;
  }

  /// Says what is wrong beside the field that caused it, or above the button.
  function complain(problem) {
    if (!problem) {
      blame(fields, fault, undefined);
      return;
    }
    const inner = blame(fields, fault, { path: parts(problem.field ?? ''), sentence: sentence(problem) });
    if (inner) reveal(fields.find((one) => one.element.contains(inner.element)) ?? inner, inner);
  }

  function reveal(outer, inner = outer) {
    for (let node = outer.element; node; node = node.parentElement) {
      if (node.tagName === 'DETAILS') node.open = true;
    }
    inner.focus();
  }

  changed();
  return {
    element,
    request,
    check,
    complain,
    values,
    focus: () => (fields.find((one) => one.element.classList.contains('words')) ?? { focus: () => button.focus() }).focus(),
    fill: (wanted, locked = true) => {
      for (const one of fields) one.set(wanted[one.name]);
      lock(locked && wanted.seed !== undefined);
    },
    busy: (painting) => {
      button.setAttribute('aria-disabled', String(painting));
      button.textContent = t(painting ? 'painting' : 'paint');
      stop.hidden = !painting;
    },
    /// Offers to paint at every move, where the model is quick enough for that.
    quick: (is) => { lively.hidden = !is; if (!is) lively.setAttribute('aria-pressed', 'false'); },
    forget: () => fields.forEach((one) => one.forget?.()),
  };
}

/// The request with previews, where the model has steps to show.
export function watched(request, model) {
  const every = model.parameters.find((parameter) => parameter.name === 'preview_every');
  if (!every) return request;
  const steps = request.steps ?? model.parameters.find((parameter) => parameter.name === 'steps')?.default ?? PREVIEWS;
  return { ...request, preview_every: Math.max(every.minimum ?? 1, Math.ceil(steps / PREVIEWS)) };
}

/// An example of what the model understands, from its own labels.
function placeholder(parameter, model) {
  if (parameter.name !== 'prompt') return '';
  const examples = model.prompts?.examples ?? [];
  // They come in the languages of the page, one after the other.
  if (examples.length) return t('prompt.example', { example: examples[LANGUAGES.findIndex(([code]) => code === language()) % examples.length] });
  if (model.family === 'diffusion') return t('prompt.open');
  const axis = model.classes.map((one) => labelsOf({ choices: one.labels.map((label) => label.name) }, model));
  const words = axis.map((labels) => {
    const label = labels[Math.floor(labels.length * 0.7)];
    return label[language()]?.[0] ?? label.name;
  });
  return words.length ? t('prompt.example', { example: words.slice(0, 2).join(', ') }) : t('prompt.open');
}
