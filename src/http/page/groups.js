// Fields within fields: objects, and lists of objects.

import { freshId, h, icon } from './dom.js';
import { explained } from './field.js';
import { labelOf, t } from './language.js';

/// An object: what its fields hold, or nothing where all of them are empty.
export function group(parameter, context) {
  const inside = { ...context, nested: true, within: parameter.name };
  const fields = (parameter.fields ?? []).map((inner) => context.field(inner, inside));
  const fault = h('p', { class: 'fault', id: freshId('fault'), hidden: true });
  const element = shell(parameter, context, fault, fields.map((inner) => inner.element));
  return {
    element,
    name: parameter.name,
    fields,
    value: () => valuesOf(fields),
    set: (next) => {
      fields.forEach((inner) => inner.set(next?.[inner.name]));
      if (next) element.open = true;
    },
    check: () => wrongWithin(fields, parameter),
    complain: (problem) => assign(fields, fault, problem),
    focus: () => fields[0]?.focus(),
  };
}

/// What holds the fields: folded where most people need none of them.
function shell(parameter, context, fault, inner) {
  const name = h('span', { id: freshId('group') }, labelOf(parameter));
  const said = { class: 'group', 'data-field': parameter.name, 'aria-labelledby': name.id, 'aria-describedby': fault.id };
  if (!parameter.advanced || context.nested) {
    const { hint, explain } = explained(parameter, labelOf(parameter));
    return h('fieldset', said, h('legend', {}, name, explain), hint, inner, fault);
  }
  const hint = h('p', { class: 'hint' }, parameter.description);
  return h('details', said, h('summary', {}, name, icon('down')), h('div', { class: 'inner' }, hint, inner, fault));
}

function valuesOf(fields) {
  const entries = fields.map((inner) => [inner.name, inner.value()]).filter(([, value]) => value !== undefined);
  return entries.length ? Object.fromEntries(entries) : undefined;
}

/// What a person can see to be wrong within an object: a field that isn't filled in though others are, or one
/// whose own value can't be. Answers the path to it and a sentence.
function wrongWithin(fields, parameter) {
  const begun = valuesOf(fields) !== undefined;
  for (const [at, inner] of fields.entries()) {
    const { required } = parameter.fields[at];
    const wrong = begun && required && inner.value() === undefined
      ? t('fault.missing', { name: labelOf(parameter.fields[at]), whole: labelOf(parameter) })
      : inner.check?.();
    if (wrong) return inPath(inner.name, wrong);
  }
  return undefined;
}

/// A fault of a field, from where the object that holds it is seen.
const inPath = (name, wrong) => (typeof wrong === 'string'
  ? { path: [name], sentence: wrong }
  : { path: [name, ...wrong.path], sentence: wrong.sentence });

/// Puts a problem beside the field that its path leads to. Answers that field.
export function assign(fields, fault, problem) {
  fields.forEach((inner) => inner.complain(undefined));
  fault.hidden = true;
  fault.replaceChildren();
  if (!problem) return undefined;
  const [first, ...rest] = problem.path;
  const inner = fields.find((one) => one.name === first);
  if (inner) {
    const deeper = inner.complain({ ...problem, path: rest });
    return deeper ?? inner;
  }
  fault.hidden = false;
  fault.replaceChildren(problem.sentence);
  return undefined;
}

const MOST_ROWS = 16;

/// A list of objects, a row for each.
export function list(parameter, context) {
  const rows = h('ol', { class: 'rows' });
  const fault = h('p', { class: 'fault', id: freshId('fault'), hidden: true });
  let groups = [];
  const most = parameter.maximum ?? MOST_ROWS;
  const add = h('button', { type: 'button', class: 'quiet small', on: { click: () => { append(); context.changed(); groups.at(-1).focus(); } } },
    icon('plus'), t('add'));
  const append = (value) => {
    const inner = group({ ...parameter, kind: 'object', name: parameter.name }, context);
    if (value) inner.set(value);
    const drop = h('button', {
      type: 'button', class: 'tool', 'aria-label': t('remove'), title: t('remove'),
      on: { click: () => { groups = groups.filter((one) => one !== inner); row.remove(); show(); context.changed(); add.focus(); } },
    }, icon('close'));
    const row = h('li', {}, inner.fields.map((one) => one.element), drop);
    groups.push(inner);
    rows.append(row);
    show();
  };
  const show = () => { add.disabled = groups.length >= most; };
  const element = shell(parameter, context, fault, [rows, add]);
  return {
    element,
    name: parameter.name,
    value: () => {
      const values = groups.map((inner) => inner.value()).filter(Boolean);
      return values.length ? values : undefined;
    },
    set: (next) => {
      groups = [];
      rows.replaceChildren();
      (next ?? []).forEach(append);
      if (next) element.open = true;
      show();
      context.changed();
    },
    check: () => {
      const wrongs = groups.map((inner, place) => [place, inner.check()]);
      const found = wrongs.find(([, wrong]) => wrong);
      return found && inPath(String(found[0]), found[1]);
    },
    complain: (problem) => {
      groups.forEach((inner) => inner.complain(undefined));
      fault.hidden = true;
      if (!problem) return undefined;
      const [place, ...rest] = problem.path;
      const inner = groups[Number(place)];
      if (inner && rest.length) return inner.complain({ ...problem, path: rest }) ?? inner;
      fault.hidden = false;
      fault.replaceChildren(problem.sentence);
      return undefined;
    },
    focus: () => add.focus(),
  };
}

/// A path such as `interpolate.from.image` or `latents[1][3]`, in its parts.
export function parts(path) {
  return path.split(/[.[\]]+/).filter(Boolean);
}
