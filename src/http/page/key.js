// Asks for an API key, where the server wants one.

import { h } from './dom.js';
import { t } from './language.js';

let open;

/// Shows the question, and answers what was typed; nothing where it was closed. `wrong` says that
/// the key before was refused. Requests that fail together share one question.
export function askForKey(wrong) {
  open ??= new Promise((resolve) => {
    const input = h('input', { type: 'password', id: 'key', class: 'wide', autocomplete: 'current-password', required: true });
    const form = h('form', { class: 'key', on: { submit: (event) => { event.preventDefault(); dialog.close(input.value.trim()); } } },
      h('h2', { id: 'key-title' }, t('key.title')),
      h('p', { class: 'hint' }, t('key.how')),
      wrong && h('p', { class: 'fault', role: 'alert' }, t('key.wrong')),
      h('label', { for: 'key', class: 'label' }, t('key')), input,
      h('div', { class: 'row' },
        h('button', { type: 'submit', class: 'primary' }, t('key.use')),
        h('button', { type: 'button', class: 'quiet', on: { click: () => dialog.close('') } }, t('close'))));
    const dialog = h('dialog', { class: 'chooser small', 'aria-labelledby': 'key-title', on: { close: () => {
      dialog.remove();
      open = undefined;
      resolve(dialog.returnValue || undefined);
    } } }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
  return open;
}
