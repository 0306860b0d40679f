// "Check a picture": a file is dropped, and its answer stands there in words.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { NARROW, settled, start, WIDE } from './harness.mjs';

let app;
let folder;
// The server takes both from its environment.
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-key-'));
  process.env.ATELIER_WATERMARK_KEY = join(folder, 'watermark.key');
  await writeFile(process.env.ATELIER_WATERMARK_KEY, `${'5a'.repeat(32)}\n`);
  process.env.ATELIER_WATERMARK = fileURLToPath(new URL('../../watermark', import.meta.url));
  app = await start();
});
after(async () => {
  await app.stop();
  await rm(folder, { recursive: true });
});

const CAT = fileURLToPath(new URL('../../docs/cat.jpg', import.meta.url));
const SHOTS = process.env.ATELIER_SHOTS;

/// A picture of the server's, as a file that is held in memory.
async function painted() {
  const answer = await fetch(`${app.url}/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'image/png' },
    body: JSON.stringify({ model: 'digits-gan', prompt: 'seven', seed: 7 }),
  });
  return { name: 'seven.png', mimeType: 'image/png', buffer: Buffer.from(await answer.arrayBuffer()) };
}

/// The same, large enough for a watermark, and what that says.
async function marked() {
  const answer = await fetch(`${app.url}/generate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'digits-gan', prompt: 'seven', seed: 7, format: 'jpeg', upscale: { model: 'lanczos', scale: 8 } }),
  });
  const [image] = (await answer.json()).images;
  const file = { name: 'seven.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(image.b64, 'base64') };
  return { file, payload: image.watermark.payload };
}

async function opened(options, name) {
  const page = await settled(await app.open(options));
  await page.getByRole('button', { name }).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  return { page, dialog, input: dialog.locator('input[type="file"]') };
}

async function shoot(page, name) {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/check-${name}.png` });
}

for (const [language, name, verdict, sentence] of [
  ['en-US', 'Check a picture', 'Made by an AI model', 'Anybody could have written that'],
  ['fr-FR', 'Vérifier une image', 'Faite par un modèle d’IA', 'N’importe qui a pu l’écrire'],
  ['vi-VN', 'Kiểm tra ảnh', 'Do mô hình AI tạo ra', 'Bất cứ ai cũng có thể viết điều đó'],
]) {
  test(`a picture of ours says so (${language})`, async () => {
    const file = await painted();
    for (const [size, theme] of [[WIDE, 'light'], [WIDE, 'dark'], [NARROW, 'light'], [NARROW, 'dark']]) {
      const { page, dialog, input } = await opened({ size, theme, language }, name);
      await input.setInputFiles(file);
      await dialog.getByText(verdict, { exact: true }).waitFor();
      await dialog.getByRole('listitem').filter({ hasText: sentence }).waitFor();
      await dialog.locator('summary').click();
      await dialog.getByText('digits-gan', { exact: true }).waitFor();
      const { over, wide } = await page.evaluate(() => ({
        over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        wide: document.querySelector('dialog').scrollWidth - document.querySelector('dialog').clientWidth,
      }));
      assert.ok(over <= 0 && wide <= 0, 'nothing sticks out');
      await shoot(page, `${language}-${size.width}-${theme}`);
      await page.done();
    }
  });
}

test('a file that says nothing proves nothing, and a dropped one is looked into as well', async () => {
  const { page, dialog } = await opened({}, 'Check a picture');
  const bytes = [...await readFile(CAT)];
  const transfer = await page.evaluateHandle((data) => {
    const held = new DataTransfer();
    held.items.add(new File([new Uint8Array(data)], 'cat.jpg', { type: 'image/jpeg' }));
    return held;
  }, bytes);
  await dialog.locator('.check').dispatchEvent('drop', { dataTransfer: transfer });
  await dialog.getByText('Nobody says where it comes from').waitFor();
  await dialog.getByRole('listitem').filter({ hasText: 'That proves nothing' }).waitFor();
  await shoot(page, 'nothing');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.done();
});

test('what is no picture is refused in words', async () => {
  const { page, dialog, input } = await opened({}, 'Check a picture');
  await input.setInputFiles({ name: 'words.png', mimeType: 'image/png', buffer: Buffer.from('words') });
  await dialog.getByRole('alert').waitFor();
  assert.match(await dialog.getByRole('alert').innerText(), /PNG, JPEG, WebP/);
  await page.done();
});

for (const [language, name, says] of [
  ['en-US', 'Check a picture', 'Not signed, but its pixels carry this service’s watermark.'],
  ['fr-FR', 'Vérifier une image', 'Non signé, mais ses pixels portent le filigrane de ce service.'],
  ['vi-VN', 'Kiểm tra ảnh', 'Không có chữ ký, nhưng các điểm ảnh mang dấu chìm của dịch vụ này.'],
]) {
  test(`a watermark of ours is told with what it says (${language})`, async () => {
    const { file, payload } = await marked();
    const { page, dialog, input } = await opened({ size: NARROW, theme: 'dark', language }, name);
    await input.setInputFiles(file);
    await dialog.getByText(says, { exact: true }).waitFor();
    await dialog.getByRole('listitem').filter({ hasText: payload }).waitFor();
    await dialog.locator('summary').click();
    await dialog.getByText(payload, { exact: true }).waitFor();
    await page.done();
  });
}
