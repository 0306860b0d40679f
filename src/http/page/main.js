// The page: what is chosen, what is being painted, and what was.

import * as api from './api.js';
import { bar, theme } from './bar.js';
import { chooser, current } from './cards.js';
import { classes } from './details.js';
import { announce, h } from './dom.js';
import { form, watched } from './form.js';
import { gallery } from './gallery.js';
import { offer } from './image-field.js';
import { bytesOf } from './pixels.js';
import { recipe, variation } from './recipe.js';
import { stage } from './stage.js';
import { setting } from './store.js';
import { remark, sentence, speak, t } from './words.js';
import { walk } from './walk.js';

const VARIATIONS = 4;
const FRAME_MS = 140;
/// A model that paints in less can follow a slider.
const QUICK_MS = 250;

const place = (id) => document.getElementById(id);
/// What the page has now. `running` is the work in hand, if there is any.
const page = { list: [], model: undefined, form: undefined, running: undefined, player: undefined };

function draw() {
  place('skip').textContent = t('skip');
  bar(place('bar'), { speak: (code) => { setting('language', code); relabel(code); } });
  place('foot').replaceChildren(h('p', {}, t('foot')));
  page.stage = stage(place('stage'), {
    again, vary, edit, remove, select, play,
    start: async (picture) => { await toModel(picture.model); if (offer(picture.blob)) place('panel').scrollIntoView({ behavior: 'smooth' }); },
    walk: (picture) => { page.walk.open(picture, page.model); page.gallery.walk.scrollIntoView({ behavior: 'smooth', block: 'center' }); },
  });
  page.gallery = gallery(place('gallery'), { select });
  page.walk = walk(page.gallery.walk, { go: (request) => run([request]) });
}

/// The same page in another language, with what was written in it.
async function relabel(code) {
  cancel();
  speak(code);
  const wanted = page.form?.values();
  const shown = page.stage.current()?.picture;
  draw();
  await page.gallery.load();
  if (page.model) drawPanel(wanted);
  if (shown) select(shown); else if (page.model) page.stage.empty(page.model, paint);
}

async function choose(id) {
  page.model = await api.model(id);
  if (page.model.status === 'broken') throw new api.Problem({ type: '/problems/broken-model', detail: page.model.reason });
  setting('model', id);
  drawPanel(page.form?.values());
}

async function toModel(id) {
  if (page.model?.id !== id) await choose(id);
}

function drawPanel(wanted) {
  page.form?.forget();
  page.form = form(page.model, { submit: paint, cancel, live });
  // What was set for one model holds for the next as far as it takes it.
  if (wanted) page.form.fill(wanted, false);
  page.form.busy(Boolean(page.running));
  place('panel').setAttribute('aria-label', t('settings'));
  place('panel').replaceChildren(current(page.model, () => chooser(page.list, page.model.id, (id) => choose(id).then(fresh, fail))), page.form.element);
}

function fresh() {
  if (!page.stage.current()) page.stage.empty(page.model, paint);
  page.form.focus();
}

function paint() {
  if (page.running || !page.form.check()) return;
  run([page.form.request()]);
}

/// Paints what the controls say as they move, one picture at a time, the newest last.
async function live() {
  page.moved = true;
  if (page.glimpsing || page.running) return;
  page.glimpsing = true;
  await new Promise(requestAnimationFrame);
  while (page.moved && !page.running) {
    const model = page.model;
    const request = page.form.request();
    if ('n' in request) request.n = 1;
    // Only now, since a seed that is drawn for the request moves its own control.
    page.moved = false;
    // What is wrong on the way to somewhere else is said when somebody wants to keep it.
    const answer = await api.generate(request, {}).catch(() => undefined);
    if (answer && model === page.model && !page.running) {
      const [image] = answer.images;
      const { blob, alt } = pictureOf(image, 0, answer, request, model);
      page.stage.glimpse(blob, image, alt, t('live.how'));
    }
  }
  page.glimpsing = false;
}

/// Paints what the requests ask for, and shows the first picture. `original` is the picture that
/// should come out again.
async function run(requests, original) {
  if (page.running) return;
  stop();
  const running = { controller: new AbortController(), ids: new Set() };
  page.running = running;
  const model = page.model;
  const started = performance.now();
  const work = page.stage.work(cancel);
  page.form.complain(undefined);
  page.form.busy(true);
  announce(t('painting'));
  if (matchMedia('(max-width: 52rem)').matches) place('stage').scrollIntoView({ behavior: 'smooth' });
  const batch = crypto.getRandomValues(new Uint32Array(2)).join('-');
  try {
    const answers = await Promise.all(requests.map((request) => api.generate(watched(request, model), {
      ...work,
      queued: (data) => { running.ids.add(data.id); work.queued(data); },
    }, running.controller.signal)));
    const news = answers.flatMap((answer, at) => answer.images.map((image, index) => pictureOf(image, index, answer, requests[at], model)));
    work.end();
    page.form.quick(performance.now() - started < QUICK_MS * requests.length);
    await keep(news.map((picture, order) => ({ ...picture, batch, order })), original, [...new Set(answers.flatMap(remarks))]);
  } catch (error) {
    running.controller.abort();
    work.end();
    restore();
    if (error.name === 'AbortError') announce(t('cancelled'));
    else fail(error);
  } finally {
    page.running = undefined;
    page.form.busy(false);
  }
}

/// What the server has to say of an answer.
function remarks(answer) {
  const unknown = answer.understood?.not_understood ?? [];
  return [...(answer.warnings ?? []).map(remark), ...(unknown.length ? [t('understood.not', { words: unknown.join(', ') })] : [])];
}

function pictureOf(image, index, answer, request, model) {
  const kept = {
    created: Date.now(), model: answer.model, title: model.title || model.id, digest: answer.digest,
    blob: new Blob([bytesOf(image.b64)], { type: image.media_type }), media_type: image.media_type,
    width: image.width, height: image.height, seed: image.seed, class: image.class, score: image.score,
    ...recipe(request, answer, index),
  };
  const what = [...classes(kept, model), kept.seed === undefined ? '' : t('picture.seed', { seed: kept.seed })];
  return { ...kept, alt: t('picture.alt', { title: kept.title, what: [request.prompt, ...what].filter(Boolean).join(', ') }) };
}

async function keep(news, original, warnings) {
  if (original) {
    const same = await equal(original.blob, news[original.index ?? 0]?.blob);
    if (same) {
      select(original);
      page.stage.note(t('again.same'));
      announce(t('again.same'));
      return;
    }
  }
  const [first] = await page.gallery.add(news);
  select(first);
  if (original && original.digest !== first.digest) warnings.push(t('again.changed'));
  const says = news.length === 1 ? t('done.one', { name: first.alt }) : t('done', { count: news.length });
  announce([says, ...warnings].join(' '));
  if (warnings.length) page.stage.note(warnings.join(' '));
}

async function equal(one, other) {
  if (!other || one.size !== other.size) return false;
  const [a, b] = await Promise.all([one, other].map(async (blob) => new Uint8Array(await blob.arrayBuffer())));
  return a.every((byte, at) => byte === b[at]);
}

function cancel() {
  const { running } = page;
  if (!running) return;
  running.controller.abort();
  for (const id of running.ids) api.cancel(id);
}

function fail(error) {
  const problem = error instanceof api.Problem ? error : new api.Problem({ type: 'internal', detail: String(error) });
  if (page.form) page.form.complain(problem);
  else place('panel').replaceChildren(h('p', { class: 'fault box', role: 'alert' }, sentence(problem)));
  announce(sentence(problem).textContent);
}

/// Shows what was there before.
function restore() {
  const before = page.stage.current();
  if (before) select(before.picture);
  else page.stage.empty(page.model, paint);
}

function select(picture) {
  stop();
  if (!picture) {
    if (page.model) page.stage.empty(page.model, paint);
    return;
  }
  const model = page.model?.id === picture.model ? page.model : undefined;
  page.stage.show(picture, page.gallery.siblings(picture), model ?? page.models?.get(picture.model));
  page.gallery.mark(picture.id);
  page.walk.offer(picture);
  if (!model) describe(picture);
}

/// A picture of another model than the one in use: what can be done with it is asked for first.
async function describe(picture) {
  page.models ??= new Map();
  if (page.models.has(picture.model)) return;
  const model = await api.model(picture.model).catch(() => undefined);
  page.models.set(picture.model, model?.status === 'ready' ? model : undefined);
  if (model && page.stage.current()?.picture === picture) select(picture);
}

async function again(picture) {
  await toModel(picture.model);
  run([picture.request], picture);
}

async function vary(picture) {
  await toModel(picture.model);
  run(variation(picture, page.model, VARIATIONS));
}

async function edit(picture) {
  await toModel(picture.model);
  page.form.fill(picture.request);
  place('panel').scrollIntoView({ behavior: 'smooth' });
  page.form.focus();
}

async function remove(picture) {
  const next = await page.gallery.remove(picture);
  select(next);
}

/// Runs through the pictures, there and back again, until somebody stops it.
function play(pictures, button) {
  if (page.player) {
    stop();
    return;
  }
  const round = [...pictures, ...pictures.slice(1, -1).reverse()];
  let at = 0;
  const timer = setInterval(() => { page.stage.swap(round[at % round.length]); at += 1; }, FRAME_MS);
  button.textContent = t('strip.pause');
  page.player = () => { clearInterval(timer); button.textContent = t('strip.play'); };
}

function stop() {
  page.player?.();
  page.player = undefined;
}

async function start() {
  theme();
  speak();
  draw();
  const [models, pictures] = await Promise.all([api.models(), page.gallery.load().catch(() => [])]);
  page.list = models.models;
  const ready = page.list.filter((model) => model.status === 'ready').map((model) => model.id);
  const wanted = [setting('model'), models.default_model, ready[0]].find((id) => ready.includes(id));
  if (!wanted) {
    place('panel').replaceChildren(h('p', { class: 'fault box' }, t('model.none')));
    return;
  }
  await choose(wanted);
  if (pictures.length) select(pictures[0]); else page.stage.empty(page.model, paint);
  // On a touch screen, focus would raise the keyboard over the page.
  if (matchMedia('(pointer: fine)').matches) page.form.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !document.querySelector('dialog[open]')) cancel();
});
start().catch(fail);
