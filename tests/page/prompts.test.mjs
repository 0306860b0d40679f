// A model that is told what to paint in words of any kind: what it was told in training, its styles, its background.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pixels, settled, start } from './harness.mjs';

const MODEL = 'tiny-emoji';

let app;
before(async () => { app = await start(['tests/pipelines/emoji-diffusion', MODEL]); });
after(() => app.stop());

const prompt = (page) => page.locator('.controls > [data-field="prompt"] textarea');

test('a prompt unlike anything in training is painted, and the reader is told in their language', async () => {
  for (const [language, says] of [['en-US', 'nearest to it is “a red apple”'], ['fr-FR', 'est « a red apple »'], ['vi-VN', 'là “a red apple”']]) {
    const page = await settled(await app.open({ model: MODEL, language }));
    await prompt(page).fill('a black dog');
    await page.keyboard.press('Enter');
    await page.locator('.note', { hasText: says }).waitFor();
    assert.ok(await page.locator('.work').isVisible());
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
  await page.locator('[data-field="background"] .chip', { hasText: 'opaque' }).click();
  await page.locator('.form .primary').click();
  await page.locator('.caption', { hasText: 'flat style' }).waitFor();
  const alphas = (await pixels(page)).filter((_, at) => at % 4 === 3);
  assert.ok(alphas.every((alpha) => alpha === 255), 'some of it is clear');
  await page.done();
});
