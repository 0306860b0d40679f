// The page: what is chosen, what is being painted, and what was.

import * as api from './api.js';
import { announce, bringUp, h } from './dom.js';
import { base64Of, sameBytes } from './files.js';
import { form } from './form.js';
import { gallery } from './gallery.js';
import { header, theme } from './header.js';
import { startFrom } from './image-input.js';
import { interpolation } from './interpolation.js';
import { askForKey } from './key.js';
import { sentence, speak, t } from './language.js';
import { livePainter } from './live.js';
import { chooser, current } from './models.js';
import { painter } from './painting.js';
import { player } from './player.js';
import { recall, remember } from './prompts.js';
import { variations } from './requests.js';
import { setting } from './store.js';
import { viewer } from './viewer.js';

const VARIATIONS = 4;

const at = (id) => document.getElementById(id);
/// What the page has now. `described` are models that were asked for, by id.
const page = { list: [], described: new Map() };

function draw() {
  at('skip').textContent = t('skip');
  header(at('bar'), { speak: (code) => { setting('language', code); relabel(code); } });
  at('foot').replaceChildren(h('p', {}, t('foot')));
  page.viewer = viewer(at('viewer'), {
    again, vary, edit, remove, select, upscale, restyle, start,
    play: (images, button) => page.player.play(images, button),
    has: (family) => Boolean(ofFamily(family)),
    interpolate: (image) => { page.interpolation.open(image, page.model); bringUp(page.gallery.interpolation, 'center'); },
  });
  page.player = player((image) => page.viewer.swap(image));
  page.gallery = gallery(at('gallery'), { select });
  page.painter = painter({ viewer: page.viewer, form: () => page.form, done: keep, stopped });
  page.live = livePainter({ viewer: page.viewer, now: () => page, busy: page.painter.isBusy });
  page.interpolation = interpolation(page.gallery.interpolation, { go: (request) => run([request]) });
}

/// The same page in another language, with what was written in it.
async function relabel(code) {
  page.painter.cancel();
  speak(code);
  const wanted = page.form?.values();
  const shown = page.viewer.current()?.image;
  page.described.clear();
  draw();
  const [models] = await Promise.all([api.models(), page.gallery.load()]);
  page.list = models.models;
  if (page.model) {
    page.model = await describe(page.model.id);
    drawPanel(wanted);
  }
  if (shown) select(shown); else showEmpty();
}

/// What the server says of a model, asked for once.
async function describe(id) {
  if (!page.described.has(id)) page.described.set(id, await api.model(id));
  return page.described.get(id);
}

async function choose(id) {
  const model = await describe(id);
  if (model.status === 'broken') throw new api.Problem({ type: '/problems/broken-model', detail: model.reason });
  const wanted = page.form?.values();
  if (page.model && wanted) {
    remember(page.model, wanted.prompt);
    wanted.prompt = recall(model);
  }
  page.model = model;
  setting('model', id);
  // What was set for one model holds for the next as far as it takes it.
  drawPanel(wanted);
}

async function use(id) {
  if (page.model?.id !== id) await choose(id);
}

function drawPanel(wanted) {
  page.form?.forget();
  page.form = form(page.model, { submit: paint, cancel: () => page.painter.cancel(), live: () => page.live() });
  if (wanted) page.form.fill(wanted, false);
  page.form.busy(page.painter.isBusy());
  page.form.queue(page.painter.isWaiting());
  at('panel').setAttribute('aria-label', t('settings'));
  at('panel').replaceChildren(current(page.model, () => chooser(page.list, page.model.id, (id) => choose(id).then(chosen, fail))), page.form.element);
}

function chosen() {
  if (!page.viewer.current()) showEmpty();
  page.form.focus();
}

function showEmpty() {
  if (!page.model) return;
  page.viewer.empty(page.model, {
    paint,
    example: (prompt) => { page.form.fill({ ...page.form.values(), prompt }, false); paint(); },
    chooseImage: () => page.form.chooseImage(),
  });
}

function paint() {
  if (page.form.check()) run([page.form.request()]);
}

function run(requests, original, model = page.model) {
  page.player.stop();
  // On a narrow screen the image is below the controls.
  if (matchMedia('(max-width: 52rem)').matches) bringUp(at('viewer'));
  return page.painter.run(requests, model, original);
}

/// Puts new images into the gallery and shows the first, unless it is the one that was asked for again.
async function keep(news, warnings, original) {
  if (original && await sameBytes(original.blob, news[original.index ?? 0]?.blob)) {
    select(original);
    page.viewer.note(t('again.same'));
    announce(t('again.same'));
    return;
  }
  const batch = crypto.getRandomValues(new Uint32Array(2)).join('-');
  const { kept, says } = await page.gallery.add(news.map((image, order) => ({ ...image, batch, order })));
  const [first] = kept;
  select(first);
  if (original && original.digest !== first.digest) says.unshift(t('again.changed'));
  const name = news.length === 1 ? t('done.one', { name: first.alt }) : t('done', { count: news.length });
  announce([name, ...warnings, ...says].join(' '));
  if (says.length) page.viewer.note([...warnings, ...says].join(' '));
}

function stopped(error) {
  const before = page.viewer.current();
  if (before) select(before.image); else showEmpty();
  if (error) fail(error); else announce(t('cancelled'));
}

function fail(error) {
  const problem = error instanceof api.Problem ? error : new api.Problem({ type: 'internal', detail: String(error) });
  if (page.form) page.form.complain(problem);
  else {
    at('panel').replaceChildren(
      h('p', { class: 'fault box', role: 'alert' }, sentence(problem)),
      h('button', { type: 'button', class: 'quiet retry', on: { click: () => location.reload() } }, t('retry')));
  }
  announce(sentence(problem));
}

function select(image) {
  page.player.stop();
  if (!image) {
    showEmpty();
    return;
  }
  const model = page.model?.id === image.model ? page.model : page.described.get(image.model);
  page.viewer.show(image, page.gallery.siblings(image), model);
  page.gallery.mark(image.id);
  page.interpolation.offer(image);
  if (!model) lookUp(image);
}

/// An image of another model than the one in use: what can be done with it is asked for first.
async function lookUp(image) {
  const model = await describe(image.model).catch(() => undefined);
  if (model?.status === 'ready' && page.viewer.current()?.image === image) select(image);
}

async function again(image) {
  await use(image.model);
  run([image.request], image);
}

async function vary(image) {
  await use(image.model);
  run(variations(image, page.model, VARIATIONS));
}

async function edit(image) {
  await use(image.model);
  page.form.fill(image.request);
  bringUp(at('panel'));
  page.form.focus();
}

async function start(image, id = image.model) {
  await use(id);
  if (startFrom(image.blob)) bringUp(at('panel'));
}

const ofFamily = (family) => page.list.find((model) => model.status === 'ready' && model.family === family);

/// Enlarges an image with the first model that does.
async function upscale(image) {
  const model = await describe(ofFamily('upscale').id);
  run([{ model: model.id, image: await base64Of(image.blob) }], undefined, model);
}

/// Takes an image to the first model that paints in other styles.
async function restyle(image) {
  await start(image, ofFamily('style').id);
}

async function remove(image) {
  select(await page.gallery.remove(image));
}

/** How often a server that still loads its models is asked again, in milliseconds. */
const AGAIN = 1000;

const isLoading = () => page.list.some((model) => model.status === 'loading');

/** The models, once the server can say which of them is meant where none is named; the rest follow. */
async function loaded() {
  const models = await api.models();
  page.list = models.models;
  if (!isLoading()) return models;
  const wanted = setting('model') ?? models.default_model;
  const later = new Promise((resolve) => { setTimeout(resolve, AGAIN); }).then(loaded);
  if (page.list.some((model) => model.status === 'ready' && model.id === wanted)) {
    later.catch(() => {});
    return models;
  }
  at('panel').replaceChildren(h('p', { class: 'box', role: 'status' }, t('models.loading')));
  return later;
}

async function begin() {
  theme();
  speak();
  api.askForKey(askForKey);
  draw();
  const [models, images] = await Promise.all([loaded(), page.gallery.load().catch(() => [])]);
  const ready = page.list.filter((model) => model.status === 'ready').map((model) => model.id);
  const wanted = [setting('model'), models.default_model, ready[0]].find((id) => ready.includes(id));
  if (!wanted) {
    at('panel').replaceChildren(h('p', { class: 'fault box' }, t('model.none')));
    return;
  }
  await choose(wanted);
  if (images.length) select(images[0]); else showEmpty();
  // On a touch screen, focus would raise the keyboard over the page.
  if (matchMedia('(pointer: fine)').matches) page.form.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !document.querySelector('dialog[open]')) page.painter.cancel();
});
begin().catch(fail);
