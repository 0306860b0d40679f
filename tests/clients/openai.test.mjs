// The official JavaScript client of OpenAI's API.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { toFile } from 'openai';

const URL = process.env.ATELIER_URL;
const client = new OpenAI({ baseURL: `${URL}/v1`, apiKey: 'any' });
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

const bytes = (image) => Buffer.from(image.b64_json, 'base64');
const generate = (asked = {}) => client.images.generate({ model: 'digits-gan', prompt: 'seven', ...asked });

/// How many requests of a route have been answered.
async function requestsOf(route) {
  const metrics = await (await fetch(`${URL}/metrics`)).text();
  const lines = metrics.split('\n').filter((line) => line.startsWith('atelier_http_requests_total{') && line.includes(`route="${route}"`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

test('pictures with their seeds', async () => {
  const answer = await generate({ n: 2, seed: 7 });
  assert.deepEqual(answer.data.map((image) => image.seed), [7, 8]);
  assert.ok(bytes(answer.data[0]).subarray(0, 8).equals(PNG));
  const again = await generate({ seed: 8 });
  assert.ok(bytes(again.data[0]).equals(bytes(answer.data[1])));
});

test('links', async () => {
  const answer = await generate({ model: 'dall-e-3', response_format: 'url' });
  const file = await fetch(answer.data[0].url);
  assert.equal(file.status, 200);
  assert.equal(file.headers.get('content-type'), 'image/png');
});

test('edits and variations', async () => {
  const { data: [seven] } = await generate({ seed: 1 });
  const image = await toFile(bytes(seven), 'seven.png', { type: 'image/png' });
  const asked = { model: 'stable-diffusion', image, steps: 3, seed: 5 };
  const edited = await client.images.edit({ ...asked, prompt: 'a cat' });
  assert.ok(bytes(edited.data[0]).subarray(0, 8).equals(PNG));
  const varied = await client.images.createVariation({ ...asked, n: 2 });
  assert.equal(varied.data.length, 2);
});

test('streams', async () => {
  const events = [];
  const stream = await generate({ model: 'stable-diffusion', stream: true, partial_images: 1, steps: 8, seed: 1 });
  for await (const event of stream) events.push(event);
  assert.equal(events.at(-1).type, 'image_generation.completed');
  assert.ok(events.some((event) => event.type === 'image_generation.partial_image'));
});

test('models', async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.ok(ids.includes('digits-gan') && ids.includes('dall-e-3'));
});

test('errors are the right ones, and asked for once', async () => {
  const route = '/v1/images/generations';
  for (const [kind, asked] of [
    [OpenAI.NotFoundError, { model: 'none' }],
    [OpenAI.UnprocessableEntityError, { n: 11 }],
    [OpenAI.InternalServerError, { model: 'missing-graph' }],
  ]) {
    const before = await requestsOf(route);
    const error = await generate(asked).then(() => assert.fail('it was painted'), (reason) => reason);
    assert.ok(error instanceof kind, String(error));
    assert.ok(error.requestID && error.code && error.type, String(error));
    assert.equal(await requestsOf(route) - before, 1);
  }
});
