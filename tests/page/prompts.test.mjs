// A model that is told what to paint in words of any kind: what it was told in training, its styles, its background.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pixels, settled, start, until } from './harness.mjs';

const MODEL = 'tiny-emoji';

let app;
before(async () => { app = await start(['tests/pipelines/emoji-diffusion', MODEL]); });
after(() => app.stop());

const prompt = (page) => page.locator('.controls > [data-field="prompt"] textarea');

test('a prompt unlike anything in training is painted, and the reader is told in their language', async () => {
  for (const [language, says] of [['en-US', 'the nearest, "a red apple"'], ['fr-FR', 'le plus proche, "a red apple"'], ['vi-VN', 'gần nhất là "a red apple"']]) {
    const page = await settled(await app.open({ model: MODEL, language }));
    await prompt(page).fill('a black dog');
    await page.keyboard.press('Enter');
    await page.locator('.note', { hasText: says }).waitFor();
    assert.ok(await page.locator('.result').isVisible());
    await page.done();
  }
});

test('the prompt suggests what the model paints', async () => {
  const english = await settled(await app.open({ model: MODEL }));
  assert.match(await prompt(english).getAttribute('placeholder'), /a red apple/);
  await english.done();
  const french = await settled(await app.open({ model: MODEL, language: 'fr-FR' }));
  assert.match(await prompt(french).getAttribute('placeholder'), /une maison/);
  await french.done();
});

test('a style and a background are chosen beside the prompt', async () => {
  const page = await settled(await app.open({ model: MODEL }));
  await prompt(page).fill('a red apple');
  await page.locator('[data-field="style"] .chip', { hasText: 'flat style' }).click();
  await page.locator('[data-field="background"] .chip', { hasText: 'white' }).click();
  await page.locator('.form .primary').click();
  await page.locator('.caption', { hasText: 'flat style' }).waitFor();
  const alphas = (await pixels(page)).filter((_, at) => at % 4 === 3);
  assert.ok(alphas.every((alpha) => alpha === 255), 'some of it is clear');
  await page.done();
});

test('Enter on an empty prompt paints the example that is shown', async () => {
  const page = await settled(await app.open({ model: MODEL }));
  const example = (await prompt(page).getAttribute('placeholder')).replace('For example: ', '');
  await page.keyboard.press('Enter');
  await page.locator('.caption .prompt', { hasText: example }).waitFor();
  assert.equal(await prompt(page).inputValue(), example);
  await page.done();
});

test('an example that needs more than a line is shown whole', async () => {
  const page = await settled(await app.open({ model: 'emoji-diffusion' }));
  await until(async () => (await prompt(page).boundingBox()).height > 60, 'it has one line');
  const cut = await prompt(page).evaluate((input) => [input.scrollWidth - input.clientWidth, input.scrollHeight - input.clientHeight]);
  assert.ok(Math.max(...cut) <= 0, `${cut} pixels are cut`);
  await page.done();
});

test('three examples are one click away', async () => {
  const page = await settled(await app.open({ model: 'emoji-diffusion' }));
  const examples = page.locator('.empty .example');
  assert.equal(await examples.count(), 3);
  const last = await examples.nth(2).innerText();
  await examples.nth(2).click();
  await page.locator('.caption .prompt', { hasText: last }).waitFor();
  assert.equal(await page.locator('.field .example:visible').count(), 0, 'they make room for what was written');
  await page.done();
});

test('a prompt goes along to a model that understands it, and waits for those that do not', async () => {
  const page = await settled(await app.open({ model: MODEL }));
  const use = async (title) => {
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('dialog').getByRole('button', { name: `Paint with it: ${title}` }).click();
    await page.locator('.current h2', { hasText: title }).waitFor();
  };
  await prompt(page).fill('a black cat');
  await use('Digits GAN');
  assert.equal(await prompt(page).inputValue(), '');
  await page.locator('.form .primary').click();
  await page.locator('.result').waitFor();
  await prompt(page).fill('seven');
  await use('Digits VAE');
  assert.equal(await prompt(page).inputValue(), 'seven');
  await use('Digits GAN');
  assert.equal(await prompt(page).inputValue(), 'seven');
  await page.done();
});

test('how much of a prompt is read is told before it is sent', async () => {
  const page = await app.open({ path: '/docs/', model: MODEL });
  await page.route(`**/models/${MODEL}`, async (route) => {
    const model = await (await route.fetch()).json();
    model.parameters.find((one) => one.name === 'prompt').tokens = 24;
    await route.fulfill({ json: model });
  });
  await page.goto(`${app.url}/`);
  await settled(page);
  await prompt(page).fill('a cat');
  const limit = page.locator('.controls > [data-field="prompt"] .limit');
  assert.match(await limit.innerText(), /24 tokens/);
  await prompt(page).fill('a cat and '.repeat(10));
  assert.match(await limit.innerText(), /About 30 words; what goes beyond 17/);
  await page.done();
});

test('a warning is in sight as soon as the image is', async () => {
  const page = await settled(await app.open({ model: MODEL }));
  await prompt(page).fill('a black dog');
  await page.keyboard.press('Enter');
  const note = page.locator('.note');
  await note.waitFor();
  const box = await note.boundingBox();
  assert.ok(box.y + box.height <= page.viewportSize().height, `it ends at ${box.y + box.height}`);
  await page.reload();
  await note.waitFor();
  await page.done();
});

test('a walk leads from one prompt to the other', async () => {
  const page = await settled(await app.open({ model: MODEL }));
  for (const words of ['a red apple', 'a house']) {
    const before_ = await page.locator('.tiles li').count();
    await prompt(page).fill(words);
    await page.keyboard.press('Enter');
    await page.locator('.tiles li').nth(before_).waitFor();
  }
  await page.locator('.tiles .tile').nth(1).click();
  await page.locator('.actions').getByRole('button', { name: 'Walk from here' }).click();
  await page.locator('.tiles .tile').nth(0).click();
  const slider = page.locator('#walk-steps');
  await slider.press('Home');
  assert.equal(await slider.evaluate((input) => input.style.getPropertyValue('--at')), '0%');
  const sent = page.waitForRequest((request) => request.url().endsWith('/generate'));
  await page.locator('.walk').getByRole('button', { name: 'Walk', exact: true }).click();
  const { interpolate, prompt: own } = (await sent).postDataJSON();
  assert.equal(own, undefined, 'each end has its own words');
  assert.equal(interpolate.from.prompt, 'a red apple');
  assert.equal(interpolate.to.prompt, 'a house');
  await page.locator('.strip .tile').nth(2).waitFor();
  assert.equal(await page.locator('.caption .prompt').innerText(), 'a red apple → a house');
  assert.match(await page.locator('.result').getAttribute('alt'), /: a red apple → a house/);
  await page.done();
});
