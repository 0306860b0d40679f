// Models that make images of images: what can be done with every image where one is there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { pixels, settled, start, until } from './harness.mjs';

const run = promisify(execFile);

let app;
before(async () => { app = await start('tests/pipelines/stable-diffusion'); });
after(() => app.stop());

const action = (page, name) => page.locator('.actions').getByRole('button', { name });
const IMAGE = { name: 'image', kind: 'image', label: 'Image', description: 'The image to work on.', required: true };

/// The page of a server whose models that make images of images are these; what was asked of them.
async function withModels(models, options = {}) {
  const page = await app.open({ path: '/docs/', ...options });
  const sent = [];
  await page.route('**/models', async (route) => {
    const list = await (await route.fetch()).json();
    const others = list.models.filter(({ family }) => !['translate', 'style', 'upscale'].includes(family));
    await route.fulfill({ json: { ...list, models: [...others, ...models] } });
  });
  for (const model of models) await page.route(`**/models/${model.id}`, (route) => route.fulfill({ json: model }));
  await page.route('**/generate', async (route) => {
    const body = route.request().postDataJSON();
    if (!models.some((model) => model.id === body.model)) {
      await route.continue();
      return;
    }
    sent.push(body);
    const { image } = body;
    await route.fulfill({ json: { id: 'x', created: 0, model: body.model, digest: 'sha256:0', warnings: [], timings_ms: {}, images: [{ b64: image, media_type: 'image/png', width: 28, height: 28 }] } });
  });
  await page.goto(`${app.url}/`);
  return { page: await settled(page), sent };
}

const model = (id, family, parameters) => ({ id, family, status: 'ready', title: id, summary: '', digest: 'sha256:0', classes: [], provider: 'cpu', parameters });

test('an image is enlarged by one click where a model does that, and compared with what it was', async () => {
  const { page, sent } = await withModels([model('twice', 'upscale', [IMAGE])]);
  await page.locator('.form .primary').click();
  await action(page, 'Upscale').click();
  await until(() => sent.length === 1, 'nothing was asked');
  assert.equal(sent[0].model, 'twice');
  assert.match(sent[0].image, /^iVBORw0KGgo/);
  await page.locator('.caption', { hasText: 'twice' }).waitFor();
  await action(page, 'Compare').click();
  const first = page.locator('.compare .first');
  await until(() => first.evaluate((image) => image.naturalWidth > 0), 'the image before is not there');
  const clip = () => first.evaluate((image) => getComputedStyle(image).clipPath);
  const half = await clip();
  await page.locator('.comparison').getByRole('slider').press('End');
  assert.notEqual(await clip(), half);
  await action(page, 'Compare').click();
  assert.equal(await page.locator('.compare').count(), 0);
  await page.done();
});

test('an image goes to a model of styles, which shows its own controls', async () => {
  const styles = { name: 'style', kind: 'string', label: 'Style', description: 'The style.', choices: ['oil', 'ink'], words: [{ name: 'oil', fr: ['huile'] }, { name: 'ink', fr: ['encre'] }] };
  const { page, sent } = await withModels([model('painter', 'style', [IMAGE, styles])], { language: 'fr-FR' });
  await page.locator('.form .primary').click();
  await action(page, 'Changer de style').click();
  await page.locator('.chosen-image img').waitFor();
  await page.locator('.chip', { hasText: 'encre' }).click();
  await page.locator('.form .primary').click();
  await until(() => sent.length === 1, 'nothing was asked');
  assert.equal(sent[0].style, 'ink');
  await page.done();
});

test('a model that needs an image asks for one before the server is asked', async () => {
  const { page, sent } = await withModels([model('twice', 'upscale', [IMAGE])], { model: 'twice' });
  await page.getByRole('button', { name: 'Choose a picture', exact: true }).waitFor();
  await page.locator('.form .primary').click();
  await page.locator('[data-field="image"] .fault', { hasText: 'needs a picture' }).waitFor();
  assert.deepEqual(sent, []);
  await page.done();
});

test('without such models there are no such buttons', async () => {
  const { page } = await withModels([]);
  await page.locator('.form .primary').click();
  await action(page, 'Again').waitFor();
  for (const name of ['Upscale', 'Restyle', 'Compare']) assert.equal(await action(page, name).count(), 0, name);
  await page.done();
});

test('code for a masked image comes with the files that it reads, and runs', async () => {
  const page = await settled(await app.open({ model: 'stable-diffusion' }));
  await page.locator('.controls > [data-field="prompt"] textarea').fill('a cat');
  await page.locator('.form .primary').click();
  await action(page, 'Start from it').click();
  const canvas = page.locator('[data-field="mask"] canvas');
  await page.locator('[data-field="mask"] .explain').click();
  assert.doesNotMatch(await page.locator('[data-field="mask"]').innerText(), /white|black/i, 'files are white and black, the brush is not');
  await canvas.focus();
  await page.keyboard.press('Space');
  await page.locator('.form .primary').click();
  await until(async () => (await page.locator('.tiles li').count()) === 2, 'nothing was painted');
  const [wanted, folder] = [await pixels(page), await mkdtemp(join(tmpdir(), 'atelier-masked-'))];
  const code = () => page.locator('.code-box pre').innerText();
  for (const [language, begins, file, command] of [
    ['curl', 'curl', 'run.sh', 'bash'], ['Python', 'from base64', 'run.py', 'python3'], ['JavaScript', 'import {', 'run.mjs', 'node'],
  ]) {
    await page.getByRole('button', { name: `Copy as ${language}` }).click();
    // The box shows the last language's code until the new one is written.
    await until(async () => (await code()).startsWith(begins), `no ${language} is shown`);
    await writeFile(join(folder, file), await code());
    for (const name of ['image.png', 'mask.png']) {
      const download = page.waitForEvent('download');
      await page.locator('.code-box').getByRole('link', { name }).click();
      assert.equal((await download).suggestedFilename(), name);
      await (await download).saveAs(join(folder, name));
    }
    await run(command, [file], { cwd: folder });
    const painted = await readFile(join(folder, 'picture.png'), 'base64');
    const again = await page.evaluate(async (b64) => {
      const bytes = Uint8Array.from(atob(b64), (char) => char.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(image.width, image.height);
      canvas.getContext('2d').drawImage(image, 0, 0);
      return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
    }, painted);
    assert.deepEqual(again, wanted, language);
    await rm(join(folder, 'picture.png'));
  }
  await rm(folder, { recursive: true });
  await page.done();
});
