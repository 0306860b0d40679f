// From a blank page to a picture, and what happens on the way.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pixels, settled, start, until, WIDE } from './harness.mjs';

let app;
before(async () => { app = await start('tests/fixtures/slow/gan-slow', 'tests/pipelines/stable-diffusion'); });
after(() => app.stop());

test('the first picture is one key away, within five seconds of opening', async () => {
  const opened = Date.now();
  const page = await settled(await app.open());
  assert.ok(await page.getByRole('heading', { name: 'A blank canvas' }).isVisible());
  await page.keyboard.press('Enter');
  await page.locator('.result').waitFor();
  assert.ok(Date.now() - opened < 5000, `it took ${Date.now() - opened} ms`);
  const caption = await page.locator('.caption').innerText();
  assert.match(caption, /Made by AI/);
  assert.match(caption, /seed \d+/);
  await page.done();
});

test('small pictures grow by whole numbers and without blur', async () => {
  const page = await settled(await app.open());
  await page.keyboard.press('Enter');
  const work = page.locator('.result');
  await work.waitFor();
  const shown = await work.evaluate((image) => ({
    ratio: image.getBoundingClientRect().width / image.naturalWidth,
    rendering: getComputedStyle(image).imageRendering,
  }));
  assert.ok(shown.ratio > 4 && Number.isInteger(shown.ratio), `${shown.ratio}`);
  assert.equal(shown.rendering, 'pixelated');
  await page.done();
});

test('a prompt paints what it names', async () => {
  const page = await settled(await app.open());
  await page.locator('.controls > [data-field="prompt"] textarea').fill('sept');
  await page.keyboard.press('Enter');
  await page.locator('.caption', { hasText: 'Digit 7' }).waitFor();
  await page.done();
});

test('a seed that is locked stays, and one that is not is drawn anew', async () => {
  const page = await settled(await app.open());
  const seed = page.locator('.controls > [data-field="seed"] input');
  const paint = page.locator('.form .primary');
  await paint.click();
  await page.locator('.result').waitFor();
  const first = await seed.inputValue();
  await paint.click();
  await until(async () => (await page.locator('.tiles li').count()) === 2, 'no second picture');
  const second = await seed.inputValue();
  assert.notEqual(first, second);
  await page.getByRole('button', { name: 'Keep this seed' }).click();
  const before_ = await pixels(page);
  await paint.click();
  await until(async () => (await page.locator('.tiles li').count()) === 3, 'no third picture');
  assert.equal(await seed.inputValue(), second);
  assert.deepEqual(await pixels(page), before_);
  await page.done();
});

test('progress is shown in steps', async () => {
  const page = await settled(await app.open({ model: 'gan-slow' }));
  await page.locator('.chip', { hasText: 'slow' }).click();
  await page.locator('.controls > [data-field="n"] .number').fill('4');
  await page.locator('.form .primary').click();
  await page.locator('.step', { hasText: /Step [1-3] of 4/ }).waitFor();
  const bar = page.getByRole('progressbar');
  assert.equal(await bar.evaluate((element) => element.max), 4);
  await page.locator('.strip .tile').nth(3).waitFor();
  await page.done();
});

test('previews come before the picture', async () => {
  const page = await settled(await app.open({ model: 'stable-diffusion' }));
  await page.locator('.controls > [data-field="steps"] .number').fill('200');
  await page.locator('.controls > [data-field="n"] .number').fill('8');
  await page.locator('.controls > [data-field="prompt"] textarea').fill('a cat');
  await page.keyboard.press('Enter');
  await page.locator('.preview img').first().waitFor();
  await page.locator('.result').waitFor();
  await page.done();
});

for (const way of ['button', 'Escape']) {
  test(`cancel cancels, by ${way}`, async () => {
    const page = await settled(await app.open({ model: 'gan-slow' }));
    await page.locator('.chip', { hasText: 'endless' }).click();
    const deleted = page.waitForRequest((request) => request.method() === 'DELETE');
    await page.locator('.form .primary').click();
    const cancel = page.locator('.in-progress').getByRole('button', { name: 'Cancel' });
    await cancel.waitFor();
    await page.locator('.form .primary', { hasText: 'Painting' }).waitFor();
    if (way === 'button') await cancel.click();
    else await page.keyboard.press('Escape');
    assert.match((await deleted).url(), /\/generations\/[0-9a-f-]{36}$/);
    await page.getByRole('heading', { name: 'A blank canvas' }).waitFor();
    await app.idle();
    await page.done();
  });
}

test('what is in progress stays in sight while another tab deletes all', async () => {
  const page = await settled(await app.open());
  await page.keyboard.press('Enter');
  await page.locator('.tiles li').first().waitFor();
  const other = await page.context().newPage();
  await page.evaluate(() => { localStorage['atelier.model'] = 'gan-slow'; });
  await other.goto(`${app.url}/`);
  await other.locator('.chip', { hasText: 'endless' }).click();
  await other.locator('.form .primary').click();
  const cancel = other.locator('.in-progress').getByRole('button', { name: 'Cancel' });
  await cancel.waitFor();
  await page.getByRole('button', { name: 'Delete all' }).click();
  await other.locator('.tiles li').first().waitFor({ state: 'detached' });
  await cancel.click();
  await other.getByRole('heading', { name: 'A blank canvas' }).waitFor();
  await app.idle();
  await page.done();
});

test('an error stands beside the field that caused it', async () => {
  const page = await settled(await app.open());
  const prompt = page.locator('.controls > [data-field="prompt"] textarea');
  await prompt.fill('a zeppelin');
  await page.keyboard.press('Enter');
  const fault = page.locator('.controls > [data-field="prompt"] .fault');
  await fault.waitFor();
  assert.match(await fault.innerText(), /^[A-Z“"].*\.$/);
  assert.equal(await prompt.getAttribute('aria-invalid'), 'true');
  assert.ok((await prompt.getAttribute('aria-describedby')).includes(await fault.getAttribute('id')));
  assert.ok(await prompt.evaluate((element) => element === document.activeElement));
  await prompt.fill('seven');
  await page.keyboard.press('Enter');
  await page.locator('.result').waitFor();
  assert.ok(await fault.isHidden());
  await page.done();
});

test('a number out of range is told before the server is asked', async () => {
  const page = await settled(await app.open({ language: 'fr-FR' }));
  await page.locator('.controls > [data-field="n"] .number').fill('100000');
  await page.locator('.form .primary').click();
  await page.locator('.controls > [data-field="n"] .fault', { hasText: 'La valeur doit être entre 1 et 64.' }).waitFor();
  await page.done();
});

test('an error in a nested field opens what hides it', async () => {
  const page = await settled(await app.open({ model: 'digits-vae' }));
  await page.locator('.form > .controls > .more > summary').click();
  const walk = page.locator('[data-field="interpolate"]');
  await walk.locator('> summary').click();
  await walk.locator('[data-field="from"] [data-field="seed"] input').fill('1');
  await walk.locator('> .inner > [data-field="steps"] .number').fill('5');
  await page.locator('.form > .controls > .more > summary').click();
  await page.locator('.form .primary').click();
  await walk.locator('.fault:visible', { hasText: '“To” is empty.' }).waitFor();
  await page.done();
});

test('a walk that is half filled in is told so in words of the page, before the server is asked', async () => {
  for (const [language, says] of [['fr-FR', '« À » est vide.'], ['vi-VN', '“Đến” còn trống.']]) {
    const page = await settled(await app.open({ model: 'digits-vae', language }));
    const asked = [];
    page.on('request', (request) => { if (request.url().endsWith('/generate')) asked.push(request.url()); });
    await page.locator('.form > .controls > .more > summary').click();
    const walk = page.locator('[data-field="interpolate"]');
    await walk.locator('> summary').click();
    await walk.locator('[data-field="from"] [data-field="seed"] input').fill('1');
    await page.locator('.form .primary').click();
    await walk.locator('[data-field="to"] .fault', { hasText: says }).waitFor();
    assert.deepEqual(asked, []);
    await page.done();
  }
});

test('a server that is gone is told in a sentence', async () => {
  const page = await settled(await app.open());
  await page.route('**/generate', (route) => route.abort());
  await page.locator('.form .primary').click();
  await page.locator('.box', { hasText: 'The server doesn’t answer.' }).waitFor();
  await page.done();
});

test('settings that exclude each other are told before the server is asked', async () => {
  const page = await settled(await app.open({ model: 'painter', language: 'fr-FR' }));
  const asked = [];
  page.on('request', (request) => { if (request.url().endsWith('/generate')) asked.push(request.url()); });
  await page.locator('.image-input input').first().setInputFiles(fileURLToPath(new URL('../../docs/cat.jpg', import.meta.url)));
  await page.locator('.chosen-image img').waitFor();
  await page.locator('.controls > [data-field="prompt"] textarea').fill('mosaïque');
  await page.locator('.controls > [data-field="style"] select').selectOption({ label: 'fusain' });
  await page.locator('.form .primary').click();
  await page.locator('[data-field="style"] .fault', { hasText: 'Cela ne va pas avec « Consigne »' }).waitFor();
  assert.deepEqual(asked, []);
  await page.done();
});

test('a prompt that names nothing is told what would do, in the reader’s words', async () => {
  const page = await settled(await app.open({ language: 'fr-FR' }));
  await page.locator('.controls > [data-field="prompt"] textarea').fill('un zeppelin');
  await page.keyboard.press('Enter');
  const fault = page.locator('.controls > [data-field="prompt"] .fault');
  await fault.waitFor();
  assert.match(await fault.innerText(), /pour « Chiffre » : zéro, un, deux,/);
  await page.done();
});

test('a page that came too early is a click away from a second try', async () => {
  const page = await app.open({ path: '/docs/' });
  await page.route('**/models', (route) => route.abort());
  await page.goto(`${app.url}/`);
  await page.locator('.box', { hasText: 'The server doesn’t answer.' }).waitFor();
  await page.unroute('**/models');
  await page.getByRole('button', { name: 'Try again' }).click();
  await settled(page);
  await page.done();
});

test('the model is chosen by its card', async () => {
  const page = await settled(await app.open({ size: WIDE }));
  await page.getByRole('button', { name: 'Change' }).click();
  const dialog = page.getByRole('dialog');
  const card = dialog.locator('.card', { hasText: 'Digits VAE' });
  await until(() => card.locator('img').evaluate((image) => image.naturalWidth > 0), 'no samples');
  await card.locator('summary').click();
  for (const part of ['Data', 'Licence', 'Limits']) await card.locator('dt', { hasText: part }).waitFor();
  await card.getByRole('button', { name: /Paint with it/ }).click();
  await page.locator('.current h2', { hasText: 'Digits VAE' }).waitFor();
  assert.ok(await page.locator('.controls > [data-field="image"]').isVisible());
  await page.done();
});

test('what is asked for while something is painted comes next', async () => {
  const page = await settled(await app.open({ model: 'gan-slow' }));
  await page.locator('.chip', { hasText: 'slow' }).click();
  const asked = [];
  page.on('request', (request) => { if (request.url().endsWith('/generate')) asked.push(request.postDataJSON().seed); });
  const seed = page.locator('.controls > [data-field="seed"] input');
  await seed.fill('1');
  await page.locator('.form .primary').click();
  await page.locator('.form .primary', { hasText: 'Painting' }).waitFor();
  await seed.fill('2');
  await seed.press('Enter');
  await seed.fill('3');
  await seed.press('Enter');
  await page.locator('.queued', { hasText: 'The next one is queued' }).waitFor();
  await until(async () => (await page.locator('.tiles li').count()) === 2, 'the second did not come');
  assert.deepEqual(asked, [1, 3], 'the latest wish is the one that waits');
  assert.ok(await page.locator('.queued').isHidden());
  await page.done();
});

test('captions say each label in the words of its own axis', async () => {
  const page = await settled(await app.open({ model: 'avatars-gan', language: 'fr-FR' }));
  await page.locator('[data-field="glasses"] .chip', { hasText: 'Non' }).click();
  await page.locator('[data-field="beard"] .chip', { hasText: 'Oui' }).click();
  await page.locator('.form .primary').click();
  const caption = page.locator('.caption');
  await caption.waitFor();
  const said = (await caption.innerText()).split(' · ').map((fact) => fact.trim());
  const { classes } = await (await fetch(`${app.url}/models/avatars-gan`)).json();
  const word = (axis, name) => classes.find((one) => one.name === axis).labels.find((one) => one.name === name).fr[0];
  assert.ok(said.includes(word('glasses', 'no')), `${said}`);
  assert.ok(said.includes(word('beard', 'yes')), `${said}`);
  await page.done();
});

test('the seed is a few keys away from the prompt', async () => {
  for (const model of ['digits-gan', 'stable-diffusion']) {
    const page = await settled(await app.open({ model }));
    const stops = [];
    for (let at = 0; at < 8 && !stops.includes('seed'); at += 1) {
      await page.keyboard.press('Tab');
      stops.push(await page.evaluate(() => (document.activeElement.matches('input.number') ? document.activeElement.closest('[data-field]').dataset.field : '')));
    }
    assert.ok(stops.includes('seed'), `${model}: ${stops.length} stops and no seed`);
    await page.done();
  }
});

test('what people write may run from the right', async () => {
  const page = await settled(await app.open({ model: 'stable-diffusion' }));
  await page.locator('.controls > [data-field="prompt"] textarea').fill('קסם חתול');
  await page.keyboard.press('Enter');
  const prompt = page.locator('.caption .prompt');
  await prompt.waitFor();
  for (const text of [prompt, page.locator('.controls > [data-field="prompt"] textarea')]) {
    assert.equal(await text.evaluate((element) => getComputedStyle(element).direction), 'rtl');
  }
  await page.done();
});
