import { open, shot, browser } from './zz-shots.mjs';
for (const [language, theme, width] of [['en-US','light',1280],['fr-FR','dark',1280],['vi-VN','light',390],['fr-FR','light',390]]) {
  const tag = `${language.slice(0,2)}-${theme}-${width}`;
  const page = await open({ language, theme, width, height: width === 390 ? 844 : 900 });
  await shot(page, `a-${tag}-empty`);
  await page.locator('.controls > [data-field="prompt"] textarea').focus();
  await page.keyboard.press('Enter');
  await page.locator('.result').waitFor();
  await shot(page, `a-${tag}-painted`);
  for (const more of await page.locator('.more > summary').all()) await more.click();
  await page.locator('.copies button').first().click();
  await shot(page, `a-${tag}-open`);
  await page.context().close();
}
await browser.close();
