// How far an image is: a bar, the time, and previews where there are some.

import { h } from './dom.js';
import { bytesOf } from './files.js';
import { resize } from './image-size.js';
import { t } from './language.js';

/// Room for the bar and what stands beside it.
const BAR_HEIGHT = 130;
const GAP = 8;

/// `room` answers the width and height that there are.
export function progress(cancel, room) {
  const started = performance.now();
  const bar = h('progress', { 'aria-label': t('progress'), max: 1 });
  const label = h('p', { class: 'step' }, t('painting'));
  const time = h('span', { class: 'time' });
  const shown = h('div', { class: 'preview' });
  const element = h('div', { class: 'in-progress' }, shown, h('div', { class: 'meter' },
    h('div', { class: 'row' }, label, time), bar,
    h('button', { type: 'button', class: 'quiet', on: { click: cancel } }, t('cancel'))));
  const counts = new Map();
  const previews = new Map();
  const clock = setInterval(() => {
    time.textContent = t('seconds', { seconds: Math.round((performance.now() - started) / 1000) });
  }, 1000);

  /// Shows how far an image is; where there are several, small and side by side.
  function show(key, preview) {
    const url = URL.createObjectURL(new Blob([bytesOf(preview.b64)], { type: preview.media_type }));
    const image = h('img', { src: url, alt: t('progress.preview') });
    image.addEventListener('load', () => {
      const before = previews.get(key);
      previews.set(key, { url, image });
      if (before) URL.revokeObjectURL(before.url);
      if (before) before.image.replaceWith(image); else shown.append(image);
      const [wide, high] = room();
      const across = Math.ceil(Math.sqrt(previews.size));
      shown.style.setProperty('--across', across);
      for (const { image: one } of previews.values()) {
        resize(one, one.naturalWidth, one.naturalHeight, wide / across - GAP, Math.max(120, high - BAR_HEIGHT) / across - GAP);
      }
    });
  }

  return {
    element,
    queued: ({ position }) => { if (position > 0) label.textContent = t('progress.queued', { position }); },
    advance: ({ id, image: which, step, of, preview }) => {
      // Images that are counted one by one are shown as one whole.
      const key = `${id} ${which ?? ''}`;
      counts.set(key, { step, of });
      const whole = (part) => [...counts.values()].reduce((sum, count) => sum + count[part], 0) / counts.size;
      label.textContent = t('progress.step', { step: Math.round(whole('step')), of: Math.round(whole('of')) });
      bar.max = whole('of');
      bar.value = whole('step');
      if (preview) show(key, preview);
    },
    end: () => {
      clearInterval(clock);
      for (const { url } of previews.values()) URL.revokeObjectURL(url);
    },
  };
}
