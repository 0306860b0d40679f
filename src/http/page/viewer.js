// Where the image is: nothing yet, one in progress, or one that is done.

import { comparison } from './compare.js';
import { details } from './details.js';
import { h } from './dom.js';
import { empty as emptyState } from './empty.js';
import { resize } from './image-size.js';
import { t } from './language.js';
import { progress } from './progress.js';

/// Less than this, and a progress bar would only flicker.
const PATIENCE_MS = 180;

export function viewer(element, actions) {
  const frame = h('div', { class: 'frame' });
  const below = h('div', { class: 'below' });
  element.setAttribute('aria-label', t('stage'));
  element.replaceChildren(frame, below);
  let urls = [];
  let current;
  let busy = false;
  let compares = false;

  const room = () => {
    const box = frame.getBoundingClientRect();
    return [Math.max(120, box.width - 32), Math.max(120, box.height - 32)];
  };

  /// An image element for a file, which lets go of it when the viewer shows another.
  function imageElement(blob, width, height, alt) {
    const url = URL.createObjectURL(blob);
    urls.push(url);
    const shown = h('img', { src: url, alt, class: 'result' });
    resize(shown, width, height, ...room());
    return shown;
  }

  function clear() {
    for (const url of urls) URL.revokeObjectURL(url);
    urls = [];
    frame.className = 'frame';
  }

  function empty(model, ways) {
    current = undefined;
    // What is in progress stays in sight, though another tab has deleted what was here before.
    if (busy) return;
    clear();
    frame.classList.add('blank');
    frame.replaceChildren(emptyState(model, ways));
    below.replaceChildren();
  }

  function show(image, siblings, model) {
    if (current?.image.id !== image.id) compares = false;
    current = { image, siblings, model };
    if (busy) return;
    draw();
    below.replaceChildren(...details(image, siblings, model, { ...actions, compare: toggle }));
  }

  function draw() {
    clear();
    const { image } = current;
    const shown = imageElement(image.blob, image.width, image.height, image.alt);
    frame.replaceChildren(compares ? comparison(image, shown) : shown);
    frame.classList.add('done');
  }

  /// Shows what the image was made from, or no longer.
  function toggle() {
    compares = !compares;
    draw();
    return compares;
  }

  /// Shows another image of the same strip, and leaves all else as it is.
  function swap(image) {
    if (busy || !current) return;
    current.image = image;
    draw();
  }

  /// Shows an image that is not kept.
  function showLive(blob, { width, height }, alt) {
    if (busy) return;
    current = undefined;
    clear();
    frame.classList.add('done');
    const shown = imageElement(blob, width, height, alt);
    shown.decode().catch(() => {}).then(() => frame.replaceChildren(shown));
    if (below.querySelector('.live')) return;
    below.replaceChildren(h('p', { class: 'caption live' }, h('span', { class: 'mark' }, t('picture.made')), h('span', { class: 'hint' }, t('live.how'))));
  }

  /// Shows that an image is in progress. Answers what to call as it goes on.
  function begin(cancel) {
    const panel = progress(cancel, room);
    const timer = setTimeout(() => {
      clear();
      frame.classList.add('busy');
      frame.replaceChildren(panel.element);
      below.replaceChildren();
    }, PATIENCE_MS);
    busy = true;
    return {
      queued: panel.queued,
      progress: panel.advance,
      end: () => {
        clearTimeout(timer);
        panel.end();
        busy = false;
      },
    };
  }

  /// A word on what has just happened, right under the image.
  function note(text) {
    below.querySelector('.note')?.remove();
    if (text) below.prepend(h('p', { class: 'note' }, text));
  }

  new ResizeObserver(() => {
    const shown = frame.querySelector('img.result');
    if (!shown || !current) return;
    if (compares) draw();
    else resize(shown, current.image.width, current.image.height, ...room());
  }).observe(frame);

  return { empty, show, swap, showLive, begin, note, current: () => current };
}
