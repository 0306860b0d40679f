// Pictures that are there: the gallery, what can be done with each, and pictures that go in.

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

async function painted(page, prompt) {
  const before_ = await page.locator('.tiles li').count();
  if (prompt) await page.locator('.controls > [data-field="prompt"] textarea').fill(prompt);
  await page.locator('.form .primary').click();
  await until(async () => (await page.locator('.tiles li').count()) > before_, 'nothing was painted');
}

const action = (page, name) => page.locator('.actions').getByRole('button', { name });

test('the gallery outlasts the page', async () => {
  const page = await settled(await app.open());
  await painted(page, 'three');
  const before_ = await pixels(page);
  await page.reload();
  await page.locator('.caption', { hasText: 'Digit 3' }).waitFor();
  assert.deepEqual(await pixels(page), before_);
  await action(page, 'Delete').click();
  await page.getByRole('heading', { name: 'A blank canvas' }).waitFor();
  await page.reload();
  await page.locator('.gallery', { hasText: 'What you paint gathers here.' }).waitFor();
  await page.done();
});

test('again gives the same picture, and vary gives others like it', async () => {
  const page = await settled(await app.open());
  await painted(page);
  await action(page, 'Again').click();
  await page.locator('.note', { hasText: 'the same picture, byte for byte' }).waitFor();
  assert.equal(await page.locator('.tiles li').count(), 1);
  const digit = (await page.locator('.caption').innerText()).match(/Digit \d/)[0];
  await action(page, 'Vary').click();
  await page.locator('.strip .tile').nth(3).waitFor();
  await page.locator('.strip .tile').nth(2).click();
  assert.ok((await page.locator('.caption').innerText()).includes(digit));
  await page.done();
});

test('settings go back into the controls', async () => {
  const page = await settled(await app.open());
  await painted(page, 'five');
  await page.locator('.controls > [data-field="prompt"] textarea').fill('one');
  await action(page, 'Use its settings').click();
  assert.equal(await page.locator('.controls > [data-field="prompt"] textarea').inputValue(), 'five');
  assert.equal(await page.locator('.lock').getAttribute('aria-pressed'), 'true');
  await painted(page);
  const shown = () => page.locator('.caption').innerText();
  const again = await shown();
  await page.locator('.tiles .tile').nth(1).click();
  assert.equal(await shown(), again, 'the same digit from the same seed');
  await page.done();
});

test('what a picture was asked for with is told in words', async () => {
  const page = await settled(await app.open({ model: 'avatars-gan', language: 'fr-FR' }));
  await page.locator('[data-field="glasses"] .chip', { hasText: 'Oui' }).click();
  await page.locator('[data-field="hair"] select').selectOption({ label: 'cheveux roses' });
  await painted(page);
  await page.locator('.below .more > summary').click();
  const facts = await page.locator('.below .facts').innerText();
  assert.match(facts, /Cheveux: cheveux roses, Lunettes: Oui/);
  assert.doesNotMatch(facts, /[{}"]/);
  await page.done();
});

test('a walk leads from one picture of the gallery to another', async () => {
  const page = await settled(await app.open({ model: 'digits-vae' }));
  await painted(page);
  const first = await pixels(page);
  await painted(page);
  await page.locator('.tiles .tile').nth(1).click();
  await action(page, 'Walk from here').click();
  await page.locator('.tiles .tile').nth(0).click();
  await page.locator('#walk-steps').fill('5');
  await page.locator('.walk').getByRole('button', { name: 'Walk', exact: true }).click();
  await page.locator('.strip .tile').nth(4).waitFor();
  assert.equal(await page.locator('.strip .tile').count(), 5);
  assert.deepEqual(await pixels(page), first, 'it starts at the first picture');
  await page.getByRole('button', { name: 'Play' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.done();
});

for (const [language, file, command] of [['curl', 'run.sh', 'bash'], ['Python', 'run.py', 'python3'], ['JavaScript', 'run.mjs', 'node']]) {
  test(`the ${language} that is copied paints the same picture`, async () => {
    const page = await settled(await app.open());
    await painted(page, 'four');
    const wanted = await page.locator('.result').evaluate((image) => image.src);
    assert.ok(wanted.startsWith('blob:'));
    await page.getByRole('button', { name: `Copy as ${language}` }).click();
    await page.locator('.code-box', { hasText: 'Copied.' }).waitFor();
    const code = await page.evaluate(() => navigator.clipboard.readText());
    const folder = await mkdtemp(join(tmpdir(), 'atelier-code-'));
    await writeFile(join(folder, file), code);
    await run(command, [file], { cwd: folder });
    const png = await readFile(join(folder, 'picture.png'));
    const same = await page.evaluate(async (b64) => {
      const bytes = Uint8Array.from(atob(b64), (char) => char.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const read = (one) => {
        const canvas = new OffscreenCanvas(image.width, image.height);
        canvas.getContext('2d').drawImage(one, 0, 0);
        return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].join();
      };
      return read(image) === read(document.querySelector('.result'));
    }, png.toString('base64'));
    assert.ok(same);
    await rm(folder, { recursive: true });
    await page.done();
  });
}

test('a picture is dropped, masked with the brush, and painted anew under it', async () => {
  const page = await settled(await app.open({ model: 'stable-diffusion' }));
  const mask = page.locator('[data-field="mask"]');
  assert.ok(await mask.isHidden(), 'there is no mask without a picture');
  await page.locator('.image-input').evaluate(async (element) => {
    const canvas = new OffscreenCanvas(32, 32);
    const context = canvas.getContext('2d');
    context.fillStyle = '#c04020';
    context.fillRect(0, 0, 32, 32);
    const file = new File([await canvas.convertToBlob()], 'red.png', { type: 'image/png' });
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(file);
    element.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
  });
  const board = mask.locator('canvas');
  await board.waitFor();
  await board.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  const box = await board.boundingBox();
  await page.mouse.move(box.x + 10, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 10, { steps: 5 });
  await page.mouse.up();
  const sent = page.waitForRequest((request) => request.url().endsWith('/generate'));
  await page.locator('.controls > [data-field="steps"] .number').fill('4');
  await painted(page, 'a cat');
  const body = (await sent).postDataJSON();
  assert.ok(body.image && body.mask);
  const shades = await page.evaluate(async (b64) => {
    const bytes = Uint8Array.from(atob(b64), (char) => char.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(32, 32);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const at = (x, y) => context.getImageData(x, y, 1, 1).data[0];
    return [image.width, at(4, 1), at(4, 30)];
  }, body.mask);
  assert.deepEqual(shades, [32, 255, 0], 'white where the brush was, black elsewhere');
  await page.done();
});

test('the mask can be brushed without a pointer', async () => {
  const page = await settled(await app.open({ model: 'stable-diffusion' }));
  await painted(page, 'a cat');
  await action(page, 'Start from it').click();
  const board = page.locator('[data-field="mask"] canvas');
  await board.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Space');
  const sent = page.waitForRequest((request) => request.url().endsWith('/generate'));
  await until(() => board.evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, 32, 32).data.some((value) => value > 0)), 'nothing was brushed');
  await page.locator('.form .primary').click();
  assert.ok((await sent).postDataJSON().mask);
  await page.done();
});

test('a picture is pasted', async () => {
  const page = await settled(await app.open({ model: 'digits-vae' }));
  await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(28, 28);
    canvas.getContext('2d').fillRect(0, 0, 28, 28);
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([await canvas.convertToBlob()], 'black.png', { type: 'image/png' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  });
  await page.locator('.chosen-image img').waitFor();
  await painted(page);
  await page.done();
});

test('a quick model follows a slider, and what it shows is not kept', async () => {
  const page = await settled(await app.open());
  const live = page.getByRole('button', { name: 'Live' });
  assert.ok(await live.isHidden(), 'nobody knows yet how quick it is');
  await painted(page, 'six');
  await painted(page);
  await live.click();
  await page.locator('.live').waitFor();
  const before_ = await pixels(page);
  await page.locator('[data-field="truncation"] .slider').press('Home');
  await until(async () => (await pixels(page)).join() !== before_.join(), 'it does not follow');
  assert.equal(await page.locator('.tiles li').count(), 2);
  const shown = await pixels(page);
  await painted(page);
  assert.deepEqual(await pixels(page), shown, 'the picture that was shown is the one that is kept');
  await page.done();
});

test('a start vector is moved by sliders', async () => {
  const page = await settled(await app.open({ model: 'digits-vae' }));
  await page.locator('.form > .controls > .more > summary').click();
  const field = page.locator('[data-field="latents"]');
  await field.getByRole('button', { name: 'Zeros' }).click();
  const sliders = field.getByRole('slider');
  const description = await (await fetch(`${app.url}/models/digits-vae`)).json();
  assert.equal(await sliders.count(), description.latent.shape.reduce((a, b) => a * b));
  await sliders.first().press('End');
  const sent = page.waitForRequest((request) => request.url().endsWith('/generate'));
  await painted(page);
  const { latents } = (await sent).postDataJSON();
  assert.ok(latents[0] > 1 && latents.slice(1).every((one) => one === 0), `${latents}`);
  await page.done();
});
