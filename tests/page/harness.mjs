// The real binary with real models on a port of its own, and a real browser that looks at it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));
// What hangs fails after this; nothing here takes nearly as long, unless the machine has other work.
const PATIENCE_MS = Number(process.env.ATELIER_PATIENCE_MS ?? 20_000);

export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 390, height: 844 };

/// Starts the server and the browser. `models` are folders below the checkout, or such a folder and the id that it shall
/// have; those of `onnx/` are always there.
export async function start(...models) {
  const folder = await mkdtemp(join(tmpdir(), 'atelier-page-'));
  const shipped = (await readdir(join(CHECKOUT, 'onnx'), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const model of [...shipped.map((entry) => `onnx/${entry.name}`), ...models]) {
    const [path, id] = [model].flat();
    // A repository follows no link out of itself.
    await cp(join(CHECKOUT, path), join(folder, id ?? path.split('/').at(-1)), { recursive: true, dereference: true });
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(process.env.ATELIER_BINARY, [
    'serve', '--models', folder, '--listen', `127.0.0.1:${port}`, '--default-model', 'digits-gan',
  ], { cwd: CHECKOUT, env: { ...process.env, RUST_LOG: 'off' }, stdio: ['ignore', 'ignore', 'inherit'] });
  // A server that is left behind keeps the tests from ending.
  await ready(url, server).catch((fault) => { server.kill('SIGKILL'); throw fault; });
  const browser = await chromium.launch({
    executablePath: process.env.ATELIER_CHROMIUM,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
  return {
    url,
    open: (options) => open(browser, url, options),
    /// Waits until the server has nothing left to do.
    idle: () => until(async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return /^atelier_requests_in_flight 0$/m.test(metrics);
    }, 'requests are still in flight'),
    stop: async () => {
      await browser.close();
      const left = new Promise((resolve) => { server.on('exit', resolve); });
      server.kill('SIGTERM');
      assert.equal(await left, 0, 'the server leaves in peace');
      await rm(folder, { recursive: true });
    },
  };
}

/// A page in a browser profile of its own. Closing it checks that nothing went wrong unseen, and
/// that nothing was asked of anybody else.
async function open(browser, url, { path = '/', size = WIDE, language = 'en-US', theme = 'light', motion, model } = {}) {
  const context = await browser.newContext({
    viewport: size, locale: language, colorScheme: theme, reducedMotion: motion, permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  await fromDisk(context, url);
  if (model) {
    await context.addInitScript((id) => { if (!localStorage['atelier.model']) localStorage['atelier.model'] = id; }, model);
  }
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.stack));
  page.on('console', (message) => {
    // A refused request is logged by the browser itself; the page shows it to the reader.
    const refused = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !refused) faults.push(message.text());
  });
  page.on('request', (request) => {
    const own = request.url().startsWith(url) || /^(blob|data):/.test(request.url());
    if (!own) faults.push(`it asked ${request.url()}`);
  });
  await page.goto(url + path);
  page.done = async () => {
    await context.close();
    assert.deepEqual(faults, [], 'nothing went wrong unseen');
  };
  return page;
}

/// With `ATELIER_PAGE=src/http/page`, the page's files are those on disk, not those in the binary.
async function fromDisk(context, url) {
  const folder = process.env.ATELIER_PAGE && join(CHECKOUT, process.env.ATELIER_PAGE);
  if (!folder) return;
  const types = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
  await context.route(`${url}/page/*`, async (route) => {
    const name = new URL(route.request().url()).pathname.slice('/page/'.length);
    await route.fulfill({ body: await readFile(join(folder, name)), contentType: types[name.split('.').at(-1)] });
  });
  await context.route(`${url}/`, async (route) => {
    await route.fulfill({ response: await route.fetch(), body: await readFile(join(folder, 'index.html')) });
  });
}

/// The page when its controls are there.
export async function settled(page) {
  await page.locator('.form .primary').waitFor();
  return page;
}

/// Waits for a condition that no event announces.
export async function until(condition, fault) {
  const end = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    assert.ok(Date.now() < end, fault);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

/// The pixels of the picture on the stage, as the server sent them.
export function pixels(page) {
  return page.locator('.result').evaluate(async (image) => {
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
  });
}

async function ready(url, server) {
  await until(async () => {
    assert.equal(server.exitCode, null, 'the server left before it was ready');
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    return answer?.ok;
  }, 'the server is not ready');
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
