import { open, shot, browser, OUT } from './zz-shots.mjs';
const langs = process.argv[2].split(',');
const models = process.argv[3].split(',');
for (const language of langs) for (const model of models) {
  const page = await open({ language, model, width: 1280, height: 900 });
  await page.addStyleTag({ content: '.panel{height:auto!important;position:static!important;overflow:visible!important}.go{position:static!important}.bar{position:static!important}' }).catch(() => {});
  await page.evaluate(() => { for (const s of document.styleSheets) { try { s.insertRule('.panel{height:auto!important;position:static!important;overflow:visible!important}', s.cssRules.length); s.insertRule('.go,.bar{position:static!important}', s.cssRules.length); break; } catch {} } });
  for (const d of await page.locator('.form details > summary').all()) await d.click();
  for (const e of await page.locator('.explain:visible').all()) await e.click();
  await page.waitForTimeout(200);
  await page.locator('.panel').screenshot({ path: `${OUT}b-${language.slice(0, 2)}-${model}.png` });
  await page.context().close();
}
await browser.close();
