// Runs through the images of a walk, there and back again, until somebody stops it.

import { t } from './language.js';

const FRAME_MS = 140;

export function player(show) {
  let stopped;

  function stop() {
    stopped?.();
    stopped = undefined;
  }

  function play(images, button) {
    if (stopped) {
      stop();
      return;
    }
    const round = [...images, ...images.slice(1, -1).reverse()];
    let at = 0;
    const timer = setInterval(() => { show(round[at % round.length]); at += 1; }, FRAME_MS);
    button.textContent = t('strip.pause');
    stopped = () => { clearInterval(timer); button.textContent = t('strip.play'); };
  }

  return { play, stop };
}
