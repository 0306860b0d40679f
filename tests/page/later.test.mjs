// Families that come later: the page draws whatever a model describes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { settled, start } from './harness.mjs';

let app;
before(async () => { app = await start(); });
after(() => app.stop());

const STYLES = [{ name: 'pixel-art', fr: ['pixels'] }, { name: 'ink', fr: ['encre'] }];
const PARAMETERS = [
  {
    name: 'class', kind: 'object', description: 'The labels.', fields: [
      { name: 'style', kind: 'string', description: 'The style to paint.', choices: ['pixel-art', 'ink'], words: STYLES },
      { name: 'glasses', kind: 'boolean', description: 'Whether to paint it with glasses.' },
    ],
  },
  {
    name: 'edit', kind: 'object', description: 'Moves the latent.', fields: [{
      name: 'smile', kind: 'number', description: 'Steps towards smile; fewer than 0 lead away from it.',
      label: 'sourire', minimum: -3, maximum: 3, default: 0, words: [{ name: 'smile', fr: ['sourire'] }],
    }],
  },
  {
    name: 'mix', kind: 'array', items: 'object', description: 'A weighted sum.', maximum: 2, advanced: true, fields: [
      { name: 'seed', kind: 'integer', description: 'Its seed.', minimum: 0, maximum: 100 },
      { name: 'weight', kind: 'number', description: 'Its weight.', minimum: -10, maximum: 10, usual: [-1, 1], default: 1 },
    ],
  },
  { name: 'brush_stroke_width', kind: 'integer', description: 'How wide.', minimum: 1, maximum: 9, default: 3 },
  { name: 'palette', kind: 'colours', description: 'A kind that nobody knows yet.' },
];

/// The page with a model that was never seen before, and the requests that it makes for it.
async function later(options, answer = { status: 500, json: { type: '/problems/internal', detail: 'later' } }) {
  const page = await app.open({ path: '/docs/', ...options });
  const sent = [];
  await page.route('**/models/digits-gan', async (route) => {
    const model = await (await route.fetch()).json();
    await route.fulfill({ json: { ...model, family: 'quilting', parameters: PARAMETERS } });
  });
  await page.route('**/generate', async (route) => {
    sent.push(route.request().postDataJSON());
    await route.fulfill(answer);
  });
  await page.goto(`${app.url}/`);
  return { page: await settled(page), sent };
}

test('what a model describes is what can be set', async () => {
  const { page, sent } = await later();
  const control = (name) => page.locator(`[data-field="${name}"]`);
  await control('style').locator('.chip', { hasText: 'ink' }).click();
  await control('glasses').locator('.chip', { hasText: 'No' }).click();
  await control('smile').locator('.number').fill('1.5');
  await control('brush_stroke_width').getByRole('slider', { name: 'Brush stroke width' }).press('End');
  await control('palette').locator('textarea').fill('["red", "blue"]');
  await page.locator('.form > .controls > .more > summary').click();
  await control('mix').locator('summary').click();
  const add = control('mix').getByRole('button', { name: 'Add' });
  await add.click();
  await control('mix').locator('[data-field="seed"] input').fill('7');
  await add.click();
  await control('mix').locator('[data-field="seed"] input').nth(1).fill('8');
  await control('mix').locator('[data-field="weight"] .number').nth(1).fill('0.5');
  assert.ok(await add.isDisabled(), 'there is room for two');
  await page.locator('.form .primary').click();
  await page.locator('.box').waitFor();
  assert.deepEqual(sent, [{
    model: 'digits-gan',
    class: { style: 'ink', glasses: false },
    edit: { smile: 1.5 },
    brush_stroke_width: 9,
    palette: ['red', 'blue'],
    mix: [{ seed: 7 }, { seed: 8, weight: 0.5 }],
  }]);
  await page.done();
});

test('the words are those of the model', async () => {
  const { page } = await later({ language: 'fr-FR' });
  await page.locator('[data-field="style"] .chip', { hasText: 'encre' }).waitFor();
  await page.locator('[data-field="smile"] .label', { hasText: 'Sourire' }).waitFor();
  await page.locator('[data-field="smile"] .explain').click();
  await page.locator('[data-field="smile"] .hint', { hasText: 'Steps towards smile' }).waitFor();
  await page.done();
});

test('an error finds its way into a list', async () => {
  const refusal = { status: 422, json: { type: '/problems/invalid-field', detail: 'found 999', field: 'mix[1].seed' } };
  const { page } = await later({}, refusal);
  await page.locator('.form > .controls > .more > summary').click();
  const mix = page.locator('[data-field="mix"]');
  await mix.locator('summary').click();
  for (const seed of ['7', '8']) {
    await mix.getByRole('button', { name: 'Add' }).click();
    await mix.locator('[data-field="seed"] input').last().fill(seed);
  }
  await page.locator('.form > .controls > .more > summary').click();
  await page.locator('.form .primary').click();
  await mix.locator('[data-field="seed"] .fault').nth(1).waitFor();
  assert.equal(await mix.locator('[data-field="seed"] .fault').nth(1).innerText(), 'Found 999.');
  assert.ok(await mix.locator('[data-field="seed"] .fault').nth(0).isHidden());
  await page.done();
});

test('an error without a field stands above the button', async () => {
  const { page } = await later({}, { status: 503, headers: { 'retry-after': '7' }, json: { type: '/problems/queue-full', detail: 'full' } });
  await page.locator('.form .primary').click();
  await page.locator('.box', { hasText: 'Try again in 7 s.' }).waitFor();
  await page.done();
});
