// The page for everybody: languages, keyboards, screen readers, narrow screens, both themes.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { NARROW, settled, start, until, WIDE } from './harness.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let app;
before(async () => { app = await start('tests/pipelines/stable-diffusion', 'tests/fixtures/broken/nan'); });
after(() => app.stop());

/// What axe finds that hinders people. It is run past the page's policy, as an extension would be.
async function hindrances(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

for (const size of [WIDE, NARROW]) {
  for (const theme of ['light', 'dark']) {
    test(`nothing hinders anybody at ${size.width} pixels, ${theme}`, async () => {
      const page = await settled(await app.open({ size, theme }));
      assert.deepEqual(await hindrances(page), [], 'empty');
      await page.locator('.form .primary').click();
      await page.locator('.result').waitFor();
      for (const more of await page.locator('.more > summary').all()) await more.click();
      await page.getByRole('button', { name: 'Copy as curl' }).click();
      assert.deepEqual(await hindrances(page), [], 'with a picture');
      await page.getByRole('button', { name: 'Change' }).click();
      assert.deepEqual(await hindrances(page), [], 'the models');
      await page.done();
    });

    test(`nothing is wider than the screen at ${size.width} pixels, ${theme}`, async () => {
      const page = await settled(await app.open({ size, theme, language: 'vi-VN' }));
      await page.locator('.form .primary').click();
      await page.locator('.result').waitFor();
      for (const more of await page.locator('.more > summary').all()) await more.click();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= size.width, `${wide} pixels`);
      await page.done();
    });
  }
}

test('the invitation is whole on a narrow screen', async () => {
  for (const model of ['digits-gan', 'emoji-diffusion', 'painter']) {
    const page = await settled(await app.open({ size: NARROW, language: 'fr-FR', model }));
    const frame = await page.locator('.frame').boundingBox();
    for (const button of await page.locator('.empty button').all()) {
      const box = await button.boundingBox();
      assert.ok(box.y + box.height <= frame.y + frame.height, `${model}: ${await button.innerText()} is cut`);
    }
    await page.done();
  }
});

test('nothing glides for those who want none of it', async () => {
  for (const [motion, behavior] of [['reduce', 'instant'], ['no-preference', 'smooth']]) {
    const page = await settled(await app.open({ size: NARROW, motion }));
    await page.evaluate(() => {
      globalThis.scrolls = [];
      Element.prototype.scrollIntoView = function note(how) { globalThis.scrolls.push(how.behavior); };
    });
    await page.locator('.form .primary').click();
    await page.locator('.result').waitFor();
    assert.deepEqual(await page.evaluate(() => globalThis.scrolls), [behavior]);
    await page.done();
  }
});

test('a form with all kinds of fields hinders nobody', async () => {
  for (const model of ['stable-diffusion', 'digits-vae']) {
    const page = await settled(await app.open({ model }));
    await page.locator('.form > .controls > .more > summary').click();
    for (const explain of await page.locator('.explain:visible').all()) await explain.click();
    assert.deepEqual(await hindrances(page), [], model);
    await page.done();
  }
});

test('every text is there in every language', async () => {
  const page = await settled(await app.open());
  const gaps = await page.evaluate(async () => {
    const [{ TEXTS }, { LANGUAGES }] = await Promise.all(['texts', 'language'].map((name) => import(`/page/${name}.js`)));
    const holes = (text) => text.match(/\{\w+\}/g)?.sort().join() ?? '';
    const lacks = (table) => Object.entries(table)
      .filter(([, texts]) => texts.length !== LANGUAGES.length || texts.some((text) => !text.trim() || holes(text) !== holes(texts[0])))
      .map(([key]) => key);
    return lacks(TEXTS);
  });
  assert.deepEqual(gaps, []);
  await page.done();
});

/// The sentences that the server says of a model, each with where it stands.
function sentences(value, key = '', path = '') {
  const SAID = ['label', 'description', 'summary', 'intended_use', 'limits', 'metric', 'note', 'notes', 'reason'];
  if (typeof value === 'string') return SAID.includes(key) && value.includes(' ') ? [[path, value]] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, one]) => sentences(one, Array.isArray(value) ? key : name, `${path}/${name}`));
}

test('all that is said of a model is said in the reader’s language', async () => {
  const { models } = await (await fetch(`${app.url}/models`)).json();
  const shipped = models.filter(({ status }) => status === 'ready');
  assert.ok(shipped.length >= 10);
  for (const { id } of shipped) {
    const said = async (language) => sentences(await (await fetch(`${app.url}/models/${id}`, { headers: { 'accept-language': language } })).json());
    const english = await said('en');
    assert.ok(english.length > 40, `${id} says little`);
    for (const language of ['fr', 'vi']) {
      const same = new Map(english);
      const left = (await said(language)).filter(([path, words]) => same.get(path) === words);
      assert.deepEqual(left, [], `${id} in ${language}`);
    }
  }
});

test('no word of the API is on the page', async () => {
  const API = /\b(latents?|objects?|objet|data:|modulo|index|request|requête|axis|axes?|true|false|null|\w+_\w+)\b|seed \+ i|\bin ms\b|\ben ms\b/i;
  for (const language of ['en-US', 'fr-FR', 'vi-VN']) {
    for (const model of ['digits-gan', 'avatars-vae', 'emoji-diffusion', 'painter', 'upscaler', 'digits-pixelcnn']) {
      const page = await settled(await app.open({ model, language }));
      const said = await page.locator('.controls').evaluate((controls) => {
        for (const hidden of controls.querySelectorAll('[hidden], details')) { hidden.hidden = false; hidden.open = true; }
        return [...controls.querySelectorAll('.label, .hint, legend, summary, .chip, option')].map((one) => one.textContent);
      });
      assert.ok(said.length > 20, `${model}: ${said.length}`);
      assert.deepEqual(said.filter((words) => API.test(words)), [], `${model}, ${language}`);
      await page.done();
    }
  }
});

test('the page speaks the language of the browser, or the one that is chosen', async () => {
  const page = await settled(await app.open({ language: 'fr-FR' }));
  await page.getByRole('button', { name: 'Peindre', exact: true }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
  await page.getByLabel('Consigne', { exact: true }).fill('huit');
  await page.getByLabel('Langue').selectOption('vi');
  await page.getByRole('button', { name: 'Vẽ', exact: true }).waitFor();
  assert.equal(await page.getByLabel('Lời nhắc', { exact: true }).inputValue(), 'huit');
  await page.reload();
  await page.getByRole('button', { name: 'Vẽ', exact: true }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'vi');
  await page.done();
});

test('the theme is the system’s until somebody chooses', async () => {
  const page = await settled(await app.open({ theme: 'dark' }));
  const brightness = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).reduce((sum, one) => sum + Number(one), 0));
  assert.ok((await brightness()) < 150);
  await page.getByRole('button', { name: /Theme/ }).click();
  await until(async () => (await brightness()) > 600, 'it stays dark');
  await page.reload();
  await settled(page);
  assert.ok((await brightness()) > 600);
  await page.done();
});

test('all of it works without a pointer', async () => {
  const page = await settled(await app.open());
  const focused = () => page.evaluate(() => document.activeElement.closest('[data-field]')?.dataset.field ?? document.activeElement.textContent);
  await page.keyboard.type('two');
  await page.keyboard.press('Enter');
  await page.locator('.caption', { hasText: 'Digit 2' }).waitFor();
  const seen = [];
  for (let i = 0; i < 60 && !seen.includes('Download'); i += 1) {
    await page.keyboard.press('Tab');
    seen.push(await focused());
    const outline = await page.evaluate(() => {
      const visible = document.activeElement.classList.contains('visually-hidden') ? document.activeElement.nextElementSibling : document.activeElement;
      return getComputedStyle(visible).outlineStyle;
    });
    assert.equal(outline, 'solid', `focus shows on ${seen.at(-1)}`);
  }
  for (const stop of ['class', 'seed', 'n', 'Paint', 'Again', 'Download']) assert.ok(seen.includes(stop), `${stop} is not among ${seen}`);
  await page.done();
});

test('the first stop of the keyboard leads past the controls', async () => {
  const page = await settled(await app.open());
  const first = await page.evaluate(() => document.querySelector('a[href], button, input, select, textarea').id);
  assert.equal(first, 'skip');
  await page.locator('#skip').focus();
  await until(async () => (await page.locator('#skip').boundingBox()).y >= 0, 'it stays out of sight');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'viewer');
  await page.done();
});

test('the documentation is drawn from here alone', async () => {
  const page = await app.open({ path: '/docs/' });
  await page.locator('.opblock').first().waitFor();
  assert.ok((await page.locator('.opblock').count()) >= 7);
  const operation = page.locator('.opblock', { hasText: '/generate' }).first();
  await operation.locator('.opblock-summary').click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await operation.locator('.responses-table.live-responses-table, .live-responses-table').first().waitFor();
  assert.match(await operation.locator('.live-responses-table').first().innerText(), /200/);
  await page.done();
});
