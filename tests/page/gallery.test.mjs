// The gallery: deleting and having back, two tabs, and how much it holds.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { settled, start, until } from './harness.mjs';

let app;
before(async () => { app = await start(); });
after(() => app.stop());

const tiles = (page) => page.locator('.tiles li');

async function painted(page, count = 1) {
  const before_ = await tiles(page).count();
  if (count > 1) await page.locator('.controls > [data-field="n"] .number').fill(String(count));
  await page.locator('.form .primary').click();
  await until(async () => (await tiles(page).count()) >= before_ + count, 'nothing was painted');
}

test('what was deleted can be had back, in its old place', async () => {
  const page = await settled(await app.open());
  await painted(page, 3);
  const seeds = () => page.locator('.tiles img').evaluateAll((images) => images.map((image) => image.alt));
  const all = await seeds();
  await page.locator('.tiles .tile').nth(1).click();
  await page.locator('.actions').getByRole('button', { name: 'Delete' }).click();
  await until(async () => (await tiles(page).count()) === 2, 'it is still there');
  await page.getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await tiles(page).count()) === 3, 'it did not come back');
  assert.deepEqual(await seeds(), all);
  await page.getByRole('button', { name: 'Delete all' }).click();
  await page.getByRole('heading', { name: 'A blank canvas' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await tiles(page).count()) === 3, 'they did not come back');
  assert.deepEqual(await seeds(), all);
  await page.reload();
  await until(async () => (await tiles(page).count()) === 3, 'they were not kept');
  await page.done();
});

test('two tabs show the same gallery', async () => {
  const one = await settled(await app.open());
  await painted(one);
  const other = await one.context().newPage();
  await other.goto(`${app.url}/`);
  await until(async () => (await tiles(other).count()) === 1, 'the second tab has nothing');
  await painted(one);
  await until(async () => (await tiles(other).count()) === 2, 'the second tab missed an image');
  await one.getByRole('button', { name: 'Delete all' }).click();
  await other.getByRole('heading', { name: 'A blank canvas' }).waitFor();
  assert.equal(await tiles(other).count(), 0);
  await one.done();
});

test('what the gallery has no room for is told', async () => {
  const page = await settled(await app.open());
  await page.evaluate(async () => {
    const store = await import('/page/store.js');
    const blob = new Blob([new Uint8Array(8)], { type: 'image/png' });
    const image = { blob, width: 28, height: 28, alt: 'old', model: 'digits-gan', media_type: 'image/png', request: {}, batch: 'old', order: 0 };
    await store.add(Array.from({ length: store.MOST_IMAGES - 1 }, () => ({ ...image })));
  });
  await page.locator('.controls > [data-field="n"] .number').fill('4');
  await page.locator('.form .primary').click();
  await page.locator('.note', { hasText: 'The gallery holds 240 pictures, so the oldest 3 left it.' }).waitFor();
  assert.equal(await tiles(page).count(), 240);
  await page.done();
});
