// scratch
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
export const url = process.env.URL_ ?? 'http://127.0.0.1:7431';
const folder = '/work/h/page/src/http/page/';
export const OUT = '/tmp/page-shots/';
export const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
export async function open({ width = 1280, height = 900, language = 'en-US', theme = 'light', model, motion } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: language, colorScheme: theme, reducedMotion: motion, permissions: ['clipboard-read', 'clipboard-write'] });
  context.setDefaultTimeout(30000);
  const types = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
  await context.route(`${url}/page/*`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice('/page/'.length);
    await route.fulfill({ body: await readFile(folder + name), contentType: types[name.split('.').at(-1)] });
  });
  await context.route(`${url}/`, async (route) => route.fulfill({ response: await route.fetch(), body: await readFile(folder + 'index.html') }));
  if (model) await context.addInitScript((id) => { if (!localStorage['atelier.model']) localStorage['atelier.model'] = id; }, model);
  const page = await context.newPage();
  page.on('pageerror', (e) => console.log('PAGEERROR', e.stack));
  page.on('console', (m) => { if (m.type() === 'error') console.log('CONSOLE', m.text()); });
  await page.goto(url + '/');
  await page.locator('.form .primary').waitFor();
  return page;
}
export const shot = async (page, name, full = true) => { await page.waitForTimeout(250); await page.screenshot({ path: `${OUT}${name}.png`, fullPage: full }); console.log(name); };
