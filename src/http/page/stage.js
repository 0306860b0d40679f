// Where the picture is: nothing yet, one in the making, or one that is done.

import { h } from './dom.js';
import { details } from './details.js';
import { bytesOf, size } from './pixels.js';
import { t } from './words.js';

/// Less than this, and a progress bar would only flicker.
const PATIENCE_MS = 180;

export function stage(element, actions) {
  const frame = h('div', { class: 'frame' });
  const below = h('div', { class: 'below' });
  element.setAttribute('aria-label', t('stage'));
  element.replaceChildren(frame, below);
  let urls = [];
  let current;
  let making;

  const room = () => {
    const box = frame.getBoundingClientRect();
    return [Math.max(120, box.width - 32), Math.max(120, box.height - 32)];
  };

  /// An image element for a file, which lets go of it when the stage shows another.
  function image(blob, width, height, alt) {
    const url = URL.createObjectURL(blob);
    urls.push(url);
    const shown = h('img', { src: url, alt, class: 'work' });
    size(shown, width, height, ...room());
    return shown;
  }

  function clear() {
    for (const url of urls) URL.revokeObjectURL(url);
    urls = [];
    frame.className = 'frame';
  }

  function empty(model, paint) {
    current = undefined;
    clear();
    frame.classList.add('blank');
    const sample = model.sample && h('img', { src: model.sample.slice(1), alt: t('model.samples', { title: model.title }), class: 'sample pixels' });
    frame.replaceChildren(h('div', { class: 'invitation' },
      sample,
      h('h2', {}, t('empty.title')),
      h('p', {}, t('empty.text', { title: model.title })),
      h('button', { type: 'button', class: 'primary', on: { click: paint } }, t('empty.paint'))));
    below.replaceChildren();
  }

  function show(picture, siblings, model) {
    current = { picture, siblings, model };
    if (making) return;
    clear();
    frame.replaceChildren(image(picture.blob, picture.width, picture.height, picture.alt));
    frame.classList.add('done');
    below.replaceChildren(...details(picture, siblings, model, actions));
  }

  /// Shows another picture of the same strip, and leaves all else as it is.
  function swap(picture) {
    if (making || !current) return;
    clear();
    frame.classList.add('done');
    frame.replaceChildren(image(picture.blob, picture.width, picture.height, picture.alt));
    current.picture = picture;
  }

  /// Shows a picture that is not kept.
  function glimpse(blob, { width, height }, alt, says) {
    if (making) return;
    current = undefined;
    clear();
    frame.classList.add('done');
    const shown = image(blob, width, height, alt);
    shown.decode().catch(() => {}).then(() => frame.replaceChildren(shown));
    if (!below.querySelector('.glimpse')) below.replaceChildren(h('p', { class: 'caption glimpse' }, h('span', { class: 'mark' }, t('picture.made')), h('span', { class: 'hint' }, says)));
  }

  /// Shows that a picture is in the making. Answers what to call as it goes on.
  function work(cancel) {
    const started = performance.now();
    const bar = h('progress', { 'aria-label': t('progress'), max: 1 });
    const says = h('p', { class: 'says' }, t('painting'));
    const time = h('span', { class: 'time' });
    const picture = h('div', { class: 'preview' });
    const panel = h('div', { class: 'making' }, picture, h('div', { class: 'meter' },
      h('div', { class: 'row' }, says, time), bar,
      h('button', { type: 'button', class: 'quiet', on: { click: cancel } }, t('cancel'))));
    const counts = new Map();
    const previews = new Map();
    let visible = false;
    const appear = () => {
      visible = true;
      clear();
      frame.classList.add('busy');
      frame.replaceChildren(panel);
      below.replaceChildren();
    };
    const timer = setTimeout(appear, PATIENCE_MS);
    const clock = setInterval(() => {
      time.textContent = t('seconds', { seconds: Math.round((performance.now() - started) / 1000) });
    }, 1000);
    /// Shows how far a picture is; where there are several, small and side by side.
    function unfinished(key, preview) {
      const url = URL.createObjectURL(new Blob([bytesOf(preview.b64)], { type: preview.media_type }));
      const shown = h('img', { src: url, alt: t('progress.preview') });
      shown.addEventListener('load', () => {
        const before = previews.get(key);
        previews.set(key, { url, shown });
        if (before) URL.revokeObjectURL(before.url);
        if (before) before.shown.replaceWith(shown); else picture.append(shown);
        const [wide, high] = room();
        const across = Math.ceil(Math.sqrt(previews.size));
        picture.style.setProperty('--across', across);
        for (const { shown: one } of previews.values()) {
          size(one, one.naturalWidth, one.naturalHeight, wide / across - 8, Math.max(120, high - 130) / across - 8);
        }
      });
    }
    making = {};
    return {
      queued: ({ position }) => { if (position > 0) says.textContent = t('progress.queued', { position }); },
      progress: ({ id, image: which, step, of, preview }) => {
        // Pictures that are counted one by one are shown as one whole.
        const key = `${id} ${which ?? ''}`;
        counts.set(key, { step, of });
        const whole = (part) => [...counts.values()].reduce((sum, count) => sum + count[part], 0) / counts.size;
        says.textContent = t('progress.step', { step: Math.round(whole('step')), of: Math.round(whole('of')) });
        bar.max = whole('of');
        bar.value = whole('step');
        if (preview) unfinished(key, preview);
      },
      end: () => {
        clearTimeout(timer);
        clearInterval(clock);
        for (const { url } of previews.values()) URL.revokeObjectURL(url);
        making = undefined;
        return visible;
      },
    };
  }

  /// A word on what has just happened, under the picture.
  function note(text) {
    below.querySelector('.note')?.remove();
    if (text) below.append(h('p', { class: 'note' }, text));
  }

  new ResizeObserver(() => {
    const shown = frame.querySelector('img.work');
    if (shown && current) size(shown, current.picture.width, current.picture.height, ...room());
  }).observe(frame);

  return { empty, show, swap, glimpse, work, note, current: () => current };
}
