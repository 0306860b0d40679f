import { open, shot, browser } from './zz-shots.mjs';
const page = await open({ width: 1280, height: 1190, model: 'emoji-diffusion' });
const prompt = page.locator('.controls > [data-field="prompt"] textarea');
const seed = page.locator('.controls > [data-field="seed"] input');
let n = 0;
for (const [words, s] of [['three red apples', 11], ['a house under the moon', 5], ['a purple elephant', 21], ['smiling sun, flat style', 3], ['a black cat with white paws', 4105831854]]) {
  await prompt.fill(words); await seed.fill(String(s)); await prompt.press('Enter'); n += 1;
  await page.locator('.tiles li').nth(n - 1).waitFor({ timeout: 60000 });
}
await page.waitForTimeout(500);
await page.screenshot({ path: '/tmp/page-shots/page.png' });
await browser.close();
