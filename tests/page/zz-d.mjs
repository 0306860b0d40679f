import { open, shot, browser, url } from './zz-shots.mjs';
const faults = {
 '429': { status: 429, headers: { 'retry-after': '7' }, json: { type: '/problems/rate-limited', title: 'x', detail: 'trop de requêtes ; réessayez dans 7 s' } },
 '504': { status: 504, json: { type: '/problems/deadline-passed', detail: 'le délai de 200 ms est passé' } },
 '503': { status: 503, headers: { 'retry-after': '3' }, json: { type: '/problems/queue-full', detail: '…' } },
 '502proxy': { status: 502, body: '<html>bad gateway</html>', contentType: 'text/html' },
};
for (const [name, answer] of Object.entries(faults)) {
  const page = await open({ language: 'fr-FR', width: 390, height: 844, model: 'digits-gan' });
  await page.route('**/generate', (route) => route.fulfill(answer));
  await page.locator('.form .primary').click();
  await page.locator('.fault:visible').first().waitFor();
  await page.waitForTimeout(700);
  const box = await page.locator('.fault:visible').first().boundingBox();
  console.log(name, await page.locator('.fault:visible').first().innerText(), JSON.stringify(box));
  await shot(page, `d-${name}`, false);
  await page.context().close();
}
// server stopped at the start
{
  const page = await open({ language: 'vi-VN', width: 1280, model: 'digits-gan' });
  await page.route('**/models', (route) => route.abort());
  await page.goto(url + '/');
  await page.locator('.fault').first().waitFor();
  await shot(page, 'd-stopped', false);
  await page.context().close();
}
await browser.close();
