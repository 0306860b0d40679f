import { open, shot, browser } from './zz-shots.mjs';
const [language, theme, width] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const tag = `${language.slice(0,2)}-${theme}-${width}`;
const height = width === 390 ? 844 : 900;
const page = await open({ language, theme, width, height, model: 'avatars-gan' });
const act = async (icon) => { await page.locator('.actions button').nth(icon).click(); };
const byPath = async (start) => page.locator(`.actions button:has(path[d^="${start}"])`).first().click();
await page.locator('.form .primary').click();
await page.locator('.tiles li').first().waitFor();
await shot(page, `c-${tag}-avatar`);
await byPath('M4 14v6h6'); // upscale
await page.locator('.tiles li').nth(1).waitFor();
await byPath('M4 5h16v14H4zM12 3v18');
await shot(page, `c-${tag}-compare`);
await byPath('M12 3a9 9 0 1 0'); // restyle
await page.locator('.chosen-image img').waitFor();
await shot(page, `c-${tag}-restyle-form`, false);
await page.locator('.form .primary').click();
await page.locator('.tiles li').nth(2).waitFor({ timeout: 120000 });
await shot(page, `c-${tag}-restyled`);
for (const more of await page.locator('.below .more > summary').all()) await more.click();
await shot(page, `c-${tag}-restyled-open`);
await page.locator('.current button').click();
await page.locator('dialog').waitFor();
await shot(page, `c-${tag}-chooser`, false);
await page.keyboard.press('Escape');
await page.locator('.heading button').last().click();
await shot(page, `c-${tag}-deleted`, false);
await browser.close();
