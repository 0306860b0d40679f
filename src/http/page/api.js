// What the page asks of the server. Addresses are relative, so that a proxy may put it under a path.

import { events } from './events.js';
import { language } from './language.js';

const KEY = 'atelier.key';

/// A request that came to nothing: a problem body (RFC 9457), or no answer at all.
export class Problem extends Error {
  constructor(body, status, retryAfter) {
    super(body.detail ?? body.title ?? '');
    this.kind = (body.type ?? '').replace(/^.*\/problems\//, '') || 'unreachable';
    this.title = body.title;
    this.field = body.field;
    this.status = status ?? body.status;
    this.retryAfter = retryAfter;
  }
}

export const address = (path) => new URL(path, document.baseURI).href;

export const models = () => get('models');
export const model = (id) => get(`models/${encodeURIComponent(id)}`);

async function get(path) {
  const response = await reach(path);
  return response.json();
}

let ask;

/// `question` asks the person for a key when the server wants one. It answers the key, or nothing.
export function askForKey(question) {
  ask = question;
}

/// The key, which this tab alone remembers.
export function key() {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(given) {
  try {
    sessionStorage.setItem(KEY, given);
  } catch {
    // Forbidden storage: it is asked for again.
  }
}

/// A request in the reader's language, with their key.
function fetched(path, init = {}, given = key()) {
  const headers = { 'accept-language': language(), ...init.headers };
  if (given) headers.authorization = `Bearer ${given}`;
  return fetch(address(path), { ...init, headers });
}

async function reach(path, init) {
  let response;
  try {
    response = await fetched(path, init);
    for (let wrong = Boolean(key()); response.status === 401 && ask; wrong = true) {
      const given = await ask(wrong);
      if (!given) break;
      response = await fetched(path, init, given);
      if (response.status !== 401) keep(given);
    }
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem({ type: 'unreachable', detail: error.message });
  }
  if (response.ok) return response;
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  let body = {};
  try {
    body = await response.json();
  } catch {
    // A proxy's own page, perhaps: its status has to be enough.
    body = { type: 'unreachable', detail: `${response.status} ${response.statusText}` };
  }
  throw new Problem(body, response.status, retryAfter);
}

/// The address of a model's sample image, for an image element: as a file of the page's own where
/// the server wants a key, which an element can't send.
export async function sample(path) {
  if (!key()) return path.slice(1);
  const response = await reach(path.slice(1)).catch(() => undefined);
  return response ? URL.createObjectURL(await response.blob()) : undefined;
}

/// Paints, and calls `watch.queued`, `.progress` and `.image` as it goes. Answers {id, model,
/// digest, images, warnings, …}, as JSON has it.
export async function generate(body, watch, signal) {
  const response = await reach('generate', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream, application/json;q=0.5' },
    body: JSON.stringify(body),
    signal,
  });
  if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
    const answer = await response.json();
    answer.images.forEach((image, index) => watch.image?.({ index, image }));
    return answer;
  }
  const images = [];
  for await (const { name, data } of events(response.body)) {
    if (name === 'image') images[data.index] = data.image;
    if (name === 'error') throw new Problem(data);
    if (name === 'done') return { ...data, images: data.images ?? images.filter(Boolean) };
    watch[name]?.(data);
  }
  throw new Problem({ type: 'unreachable', detail: 'the stream ended early' });
}

/// What an image file says of where it comes from.
export async function verify(blob) {
  const type = blob.type.startsWith('image/') ? blob.type : 'application/octet-stream';
  const response = await reach('verify', { method: 'POST', headers: { 'content-type': type }, body: blob });
  return response.json();
}

/// Stops a generation that has an id already. Its stream is closed too, so a failure matters little.
export function cancel(id) {
  return fetched(`generations/${encodeURIComponent(id)}`, { method: 'DELETE', keepalive: true }).catch(() => {});
}
