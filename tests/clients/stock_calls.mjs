// What the official JavaScript client sends where its user says little, to a server as it starts by itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI, { toFile } from 'openai';

const client = new OpenAI({ baseURL: `${process.env.ATELIER_URL}/v1`, apiKey: 'any' });

/// Width and height of a PNG file.
const size = (image) => {
  const file = Buffer.from(image.b64_json, 'base64');
  return [file.readUInt32BE(16), file.readUInt32BE(20)];
};

test('words become a picture of the size that was asked for', async () => {
  const plain = await client.images.generate({ prompt: 'a black cat' });
  assert.deepEqual(size(plain.data[0]), [64, 64]);
  const old = await client.images.generate({ model: 'dall-e-3', prompt: 'a black cat', n: 1, size: '1024x1024' });
  assert.deepEqual(size(old.data[0]), [1024, 1024]);
  const image = await toFile(Buffer.from(plain.data[0].b64_json, 'base64'), 'cat.png', { type: 'image/png' });
  const edited = await client.images.edit({ model: 'gpt-image-1', image, prompt: 'a white cat' });
  assert.deepEqual(size(edited.data[0]), [64, 64]);
});
