// What the page asks of the server. Addresses are relative, so that a proxy may put it under a path.

/// A request that came to nothing: a problem body (RFC 9457), or no answer at all.
export class Problem extends Error {
  constructor(body, status, retryAfter) {
    super(body.detail ?? body.title ?? '');
    this.kind = (body.type ?? '').replace(/^.*\/problems\//, '') || 'unreachable';
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

async function reach(path, init) {
  let response;
  try {
    response = await fetch(address(path), init);
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

/// Stops a generation that has an id already. Its stream is closed too, so a failure matters little.
export function cancel(id) {
  return fetch(address(`generations/${encodeURIComponent(id)}`), { method: 'DELETE', keepalive: true }).catch(() => {});
}

/// The events of a stream (WHATWG server-sent events), their data read as JSON.
export async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let event = { name: 'message', lines: [] };
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === '') {
          if (event.lines.length) yield { name: event.name, data: JSON.parse(event.lines.join('\n')) };
          event = { name: 'message', lines: [] };
        } else if (line.startsWith('event:')) {
          event.name = line.slice(6).trim();
        } else if (line.startsWith('data:')) {
          event.lines.push(line.slice(5).replace(/^ /, ''));
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
