// Painting while a control moves, for models that are quick enough.

import * as api from './api.js';
import { imageOf } from './results.js';

/// `now` answers {form, model} as they are, `busy` whether something is painted that will be kept.
export function livePainter({ viewer, now, busy }) {
  let moved = false;
  let painting = false;

  /// Paints what the controls say, one image at a time, the newest last.
  return async function live() {
    moved = true;
    if (painting || busy()) return;
    painting = true;
    await new Promise(requestAnimationFrame);
    while (moved && !busy()) {
      const { form, model } = now();
      const request = form.request();
      if ('n' in request) request.n = 1;
      // Only now, since a seed that is drawn for the request moves its own control.
      moved = false;
      // What is wrong on the way to somewhere else is said when somebody wants to keep it.
      const answer = await api.generate(request, {}).catch(() => undefined);
      if (answer && model === now().model && !busy()) {
        const [image] = answer.images;
        const { blob, alt } = imageOf(image, 0, answer, request, model);
        viewer.showLive(blob, image, alt);
      }
    }
    painting = false;
  };
}
