// What all controls have: a label, words that explain, and a place for what is wrong.

import { freshId, h, icon } from './dom.js';
import { labelOf, t } from './language.js';

/// The frame around a control. `labels` is the element that the label is for, where there is one.
export function frame(parameter, { labels, control, kind = '' }) {
  const name = labelOf(parameter);
  const { hint, explain } = explained(parameter, name);
  const fault = h('p', { class: 'fault', id: freshId('fault'), hidden: true });
  const label = labels
    ? h('label', { for: labels.id, class: 'label' }, name)
    : h('span', { class: 'label', id: freshId('label') }, name);
  const head = h('div', { class: 'head' }, label, explain);
  const target = labels ?? control;
  target.setAttribute('aria-describedby', `${hint.id} ${fault.id}`);
  if (!labels) target.setAttribute('aria-labelledby', label.id);
  const element = h('div', { class: `field ${kind}`, 'data-field': parameter.name }, head, hint, control, fault);
  const complain = (problem) => {
    fault.hidden = !problem;
    fault.replaceChildren(...(problem ? [problem.sentence] : []));
    if (problem) target.setAttribute('aria-invalid', 'true');
    else target.removeAttribute('aria-invalid');
    element.classList.toggle('wrong', Boolean(problem));
  };
  return { element, complain };
}

/// What a parameter does, and the button that shows it.
export function explained(parameter, name) {
  const hint = h('p', { class: 'hint', id: freshId('hint'), hidden: true }, parameter.description);
  const label = t('explain', { name });
  const explain = h('button', {
    type: 'button', class: 'explain', 'aria-expanded': 'false', 'aria-controls': hint.id, 'aria-label': label, title: label,
    on: { click: () => { hint.hidden = !hint.hidden; explain.setAttribute('aria-expanded', String(!hint.hidden)); } },
  }, icon('info'));
  return { hint, explain };
}
