// "Check a picture": a file is dropped, and what it says of where it comes from stands there in words.

import * as api from './api.js';
import { announce, freshId, h, icon } from './dom.js';
import { sentence, t } from './language.js';

let open;

/// Shows the panel. What is dropped goes to the server, is looked into, and is kept nowhere.
export function checkPicture() {
  if (open) return;
  const file = h('input', { type: 'file', accept: 'image/*', class: 'visually-hidden', id: freshId('check'), on: { change: () => { if (file.files[0]) check(file.files[0]); file.value = ''; } } });
  const zone = h('label', { class: 'drop-zone', for: file.id }, icon('image'), h('span', {}, t('check.drop')));
  const answer = h('div', { class: 'check-answer', 'aria-live': 'polite' });
  const area = h('div', {
    class: 'image-input check',
    on: {
      dragover: (event) => { event.preventDefault(); area.classList.add('over'); },
      dragleave: () => area.classList.remove('over'),
      drop: (event) => {
        event.preventDefault();
        area.classList.remove('over');
        const dropped = event.dataTransfer.files[0];
        if (dropped) check(dropped);
      },
    },
  }, file, zone, answer);
  const dialog = h('dialog', { class: 'chooser check-dialog', 'aria-labelledby': 'check-title', on: { close: () => { dialog.remove(); open = undefined; } } },
    h('div', { class: 'check-head' },
      h('h2', { id: 'check-title' }, t('check')),
      h('button', { type: 'button', class: 'tool', 'aria-label': t('close'), title: t('close'), on: { click: () => dialog.close() } }, icon('close'))),
    h('p', { class: 'hint' }, t('check.how')), area);
  open = dialog;
  document.body.append(dialog);
  dialog.showModal();

  // The answer of the last file that was given is the one that stays.
  let last;
  async function check(blob) {
    last = blob;
    answer.replaceChildren(h('p', { class: 'hint', role: 'status' }, t('check.reading')));
    const shown = await api.verify(blob).then((said) => found(said, blob), (error) => [h('p', { class: 'fault box', role: 'alert' }, sentence(error))]);
    if (last !== blob) return;
    answer.replaceChildren(...shown);
    announce(answer.textContent);
  }
}

/// What was found: the headline, the picture, the sentences, and what else is known.
function found(said, blob) {
  const url = URL.createObjectURL(blob);
  const gone = () => URL.revokeObjectURL(url);
  const image = h('img', { src: url, alt: '', on: { load: gone, error: () => { gone(); image.remove(); } } });
  return [
    h('div', { class: 'check-found' }, image,
      h('div', {},
        h('p', { class: `verdict ${said.assurance}` }, t(`origin.${said.origin}`)),
        h('p', { class: 'hint' }, t(`assurance.${said.assurance}`)))),
    h('ul', { class: 'check-says' }, said.summary.map((one) => h('li', {}, one))),
    facts(said),
  ];
}

function facts({ signed, metadata, parameters, format, watermark }) {
  const rows = [
    [t('check.signer'), signed?.signer],
    [t('check.time'), signed?.time],
    [t('check.generator'), signed?.generator ?? metadata?.software],
    [t('model'), metadata?.model],
    [t('card.digest'), metadata?.digest],
    [t('check.seed'), metadata?.seed],
    [t('check.prompt'), metadata?.prompt],
    [t('check.watermark'), watermark?.payload ?? undefined],
    [t('check.parameters'), parameters],
    [t('check.format'), format?.toUpperCase()],
  ].filter(([, value]) => value !== undefined);
  return h('details', { class: 'more' },
    h('summary', {}, icon('down'), t('check.more')),
    h('dl', { class: 'check-facts' }, rows.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, String(value))])));
}
