// The painting in hand: requests to the server, one generation after the other.

import * as api from './api.js';
import { announce } from './dom.js';
import { watched } from './form.js';
import { t } from './language.js';
import { answered, warningsOf } from './results.js';

/// A model that paints in less can follow a slider.
const QUICK_MS = 250;

/// `form` answers the form that is there; `done` takes the images of a generation with what to say
/// of them, `stopped` a reason why there are none: a problem, or nothing where it was cancelled.
export function painter({ viewer, form, done, stopped }) {
  let running;
  // At most one waits: the latest that was asked for.
  let next;

  /// Paints what the requests ask for, or as soon as the ones in hand are done. `original` is the
  /// image that should come out again.
  async function run(requests, model, original) {
    if (running) {
      next = [requests, model, original];
      form()?.queue(true);
      announce(t('queued.next'));
      return;
    }
    running = { controller: new AbortController(), ids: new Set() };
    const { controller, ids } = running;
    const started = performance.now();
    const progress = viewer.begin(cancel);
    form()?.complain(undefined);
    form()?.busy(true);
    announce(t('painting'));
    try {
      const answers = await Promise.all(requests.map((request) => api.generate(watched(request, model), {
        ...progress,
        queued: (data) => { ids.add(data.id); progress.queued(data); },
      }, controller.signal)));
      const images = answers.flatMap((answer, at) => answered(answer, requests[at], model));
      progress.end();
      form()?.quick(performance.now() - started < QUICK_MS * requests.length);
      await done(images, [...new Set(answers.flatMap(warningsOf))], original);
    } catch (error) {
      controller.abort();
      progress.end();
      next = undefined;
      stopped(error.name === 'AbortError' ? undefined : error);
    } finally {
      running = undefined;
      form()?.busy(false);
      form()?.queue(false);
    }
    const waiting = next;
    next = undefined;
    if (waiting) run(...waiting);
  }

  /// Stops the work in hand, here and on the server.
  function cancel() {
    next = undefined;
    if (!running) return;
    running.controller.abort();
    for (const id of running.ids) api.cancel(id);
  }

  return { run, cancel, isBusy: () => Boolean(running), isWaiting: () => Boolean(next) };
}
