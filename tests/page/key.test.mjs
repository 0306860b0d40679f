// A server that wants a key.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { settled, start } from './harness.mjs';

let app;
before(async () => { app = await start(); });
after(() => app.stop());

const REFUSAL = { status: 401, contentType: 'application/problem+json', body: JSON.stringify({ type: '/problems/unauthorized', title: 'A key is wanted', detail: 'send a key' }) };

test('a key is asked for, remembered by the tab, and sent with everything', async () => {
  const page = await app.open({ path: '/docs/' });
  const painted = [];
  await page.route(/\/(models|generate)(\/|$)/, async (route) => {
    const { authorization } = route.request().headers();
    if (authorization !== 'Bearer opensesame') {
      await route.fulfill(REFUSAL);
      return;
    }
    if (route.request().url().endsWith('/generate')) painted.push(authorization);
    await route.continue();
  });
  await page.goto(`${app.url}/`);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('API key').fill('wrong');
  await page.keyboard.press('Enter');
  await dialog.getByText('The server didn’t accept that key.').waitFor();
  await dialog.getByLabel('API key').fill('opensesame');
  await page.keyboard.press('Enter');
  await settled(page);
  await page.locator('.form .primary').click();
  await page.locator('.result').waitFor();
  assert.equal(painted.length, 1);
  assert.ok(await page.locator('.thumb').evaluate((image) => image.src.startsWith('blob:')), 'samples come with the key too');
  await page.reload();
  await settled(page);
  assert.equal(await page.evaluate(() => Object.values(localStorage).join()), await page.evaluate(() => Object.values(localStorage).filter((one) => !one.includes('opensesame')).join()), 'it outlives the tab');
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  const code = await page.locator('.code-box pre').innerText();
  assert.ok(code.includes('$ATELIER_KEY') && !code.includes('opensesame'), code);
  await page.done();
});
