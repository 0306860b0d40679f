// The controls of a model, and the request that they make.

import { h, icon } from './dom.js';
import { field } from './fields.js';
import { assign, parts } from './groups.js';
import { labelOf, sentence, t } from './language.js';
import { isSmall } from './latent-input.js';
import { outside } from './number-field.js';
import { drawSeed } from './requests.js';

// Drawn by no control: previews are the page's own affair, and who has waited long enough cancels.
const HIDDEN = ['preview_every', 'deadline_ms', 'include_prompt'];
/// Previews in the whole of an image.
const PREVIEWS = 8;

/// Draws the form. `submit` is called when the person wants an image; `live` when a control has
/// moved while they want to see what it does at once.
export function form(model, { submit, cancel, live }) {
  const fault = h('div', { class: 'fault box', role: 'alert', hidden: true });
  const shown = inOrder(model.parameters.filter(isShown));
  const context = { model, submit: () => element.requestSubmit(), changed };
  let fields;
  fields = shown.map((parameter) => field(parameter, context));
  const of = (advanced) => fields.filter((_, at) => Boolean(shown[at].advanced) === advanced).map((one) => one.element);
  const named = (name) => fields.find((one) => one.name === name);
  const [seed, prompt] = [named('seed'), named('prompt')];
  const button = h('button', { type: 'submit', class: 'primary' }, t('paint'));
  const stop = h('button', { type: 'button', class: 'quiet', hidden: true, on: { click: cancel } }, t('cancel'));
  const lively = h('button', {
    type: 'button', class: 'quiet', 'aria-pressed': 'false', hidden: true, title: t('live.how'),
    on: { click: () => { lively.setAttribute('aria-pressed', String(!isLive())); if (isLive()) seed?.lock(true); changed(); } },
  }, t('live'));
  const isLive = () => lively.getAttribute('aria-pressed') === 'true';
  const queued = h('p', { class: 'hint queued', hidden: true }, t('queued.next'));
  const advanced = of(true);
  const element = h('form', {
    class: 'form', novalidate: true, autocomplete: 'off',
    on: { submit: (event) => { event.preventDefault(); submit(); } },
  },
  h('div', { class: 'controls' },
    of(false),
    advanced.length > 0 && h('details', { class: 'more' }, h('summary', {}, t('more'), icon('down')), h('div', { class: 'inner' }, advanced))),
  h('div', { class: 'go' }, fault, queued, h('div', { class: 'row' }, button, stop, lively)));

  /// Shows what goes together with what is there.
  function changed() {
    if (!fields) return;
    shown.forEach((parameter, at) => {
      if (!parameter.needs) return;
      const other = named(parameter.needs);
      fields[at].element.hidden = other?.value() === undefined;
      fields[at].setBase?.(other?.image?.());
    });
    if (isLive()) live();
  }

  function values() {
    const there = fields.filter((one) => !one.element.hidden);
    return Object.fromEntries(there.map((one) => [one.name, one.value()]).filter(([, value]) => value !== undefined));
  }

  /// The request. A seed that isn't locked is drawn anew, here, so that it is known from the start;
  /// and where words are all that a model goes by, no words become the example that is shown.
  function request() {
    if (prompt?.example && model.prompts && prompt.value() === undefined) prompt.set(prompt.example);
    const others = values();
    if (seed && !others.seeds && (!seed.isLocked() || others.seed === undefined)) seed.set(drawSeed());
    if (others.seeds) delete others.seed;
    return { model: model.id, ...others, ...(seed && !others.seeds ? { seed: seed.value() } : {}) };
  }

  /// What a person can see to be wrong is said before the server is asked. Answers whether all is well.
  function check() {
    complain(undefined);
    let well = true;
    const there = values();
    for (const [at, one] of fields.entries()) {
      const wrong = !one.element.hidden && (one.check?.() ?? clash(shown[at], there));
      if (wrong) {
        const inner = one.complain(typeof wrong === 'string' ? { path: [], sentence: wrong } : wrong);
        if (well) reveal(one, inner ?? one);
        well = false;
      }
    }
    return well;
  }

  /// A sentence on a field that doesn't go together with another one that is there.
  function clash(parameter, there) {
    const other = parameter.name in there && parameter.excludes?.find((name) => name in there && name !== 'seed');
    return other ? t('fault.clash', { other: labelOf(shown.find((one) => one.name === other) ?? { name: other }) }) : undefined;
  }

  /// Says what is wrong beside the field that caused it, or above the button.
  function complain(problem) {
    if (!problem) {
      assign(fields, fault, undefined);
      return;
    }
    const inner = assign(fields, fault, { path: parts(problem.field ?? ''), sentence: sentence(problem) });
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
    /// Puts values into the controls; those that this model doesn't take are left as they were made.
    fill: (wanted, locked = true) => {
      fields.forEach((one, at) => { one.set(takes(shown[at], wanted[one.name]) ? wanted[one.name] : undefined); });
      seed?.lock(locked && wanted.seed !== undefined);
    },
    busy: (painting) => {
      button.textContent = t(painting ? 'painting' : 'paint');
      button.classList.toggle('busy', painting);
      stop.hidden = !painting;
    },
    /// Says that another request waits for the one in hand.
    queue: (waits) => { queued.hidden = !waits; },
    /// Offers to paint at every move, where the model is quick enough for that.
    quick: (is) => { lively.hidden = !is; if (!is) lively.setAttribute('aria-pressed', 'false'); },
    chooseImage: () => fields.find((one) => one.choose)?.choose(),
    forget: () => fields.forEach((one) => one.forget?.()),
  };
}

function isShown(parameter) {
  const isLatent = parameter.kind === 'array' && parameter.items === 'number';
  const isFixed = parameter.minimum !== undefined && parameter.minimum === parameter.maximum;
  return !HIDDEN.includes(parameter.name) && (isLatent ? isSmall(parameter) : !isFixed);
}

/// What people reach for first stands first, as the model has it; the seed right after the words.
function inOrder(parameters) {
  const seed = parameters.find((parameter) => parameter.name === 'seed');
  const others = parameters.filter((parameter) => parameter !== seed);
  if (!seed) return others;
  const after = others.findIndex((parameter) => ['prompt', 'image'].includes(parameter.name) && !parameter.needs && !parameter.advanced) + 1;
  return [...others.slice(0, after), seed, ...others.slice(after)];
}

/// Whether a number that was set for another model is in this one's range.
function takes(parameter, value) {
  return typeof value !== 'number' || !['integer', 'number'].includes(parameter.kind) || outside(parameter, value) === undefined;
}

/// The request with previews, where the model has steps to show.
export function watched(request, model) {
  const every = model.parameters.find((parameter) => parameter.name === 'preview_every');
  if (!every) return request;
  const steps = request.steps ?? model.parameters.find((parameter) => parameter.name === 'steps')?.default ?? PREVIEWS;
  return { ...request, preview_every: Math.max(every.minimum ?? 1, Math.ceil(steps / PREVIEWS)) };
}
