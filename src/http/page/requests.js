// What paints an image again, and what paints one like it.

/// A seed that nobody chose.
export function drawSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

/// What paints this one image of an answer again: a request, the image's place in its answer,
/// and whether it makes only this one.
export function reproducing(request, answer, index) {
  const again = { ...request, model: answer.model };
  for (const passing of ['preview_every', 'deadline_ms']) delete again[passing];
  const { seed, cells, frames } = answer.images[index];
  // A sheet or an animation is made of all its images.
  // Labels that are drawn evenly follow from the first seed of a list, not from each.
  const drawnTogether = request.balance !== undefined && request.seeds !== undefined;
  const ownSeed = seed !== undefined && !cells && !frames && !drawnTogether && !SHARED.some((name) => name in request);
  if (ownSeed) {
    for (const name of ['n', 'seeds', 'best_of']) delete again[name];
    again.seed = seed;
    return { request: again, index: 0, alone: true };
  }
  return { request: again, index, alone: answer.images.length === 1 };
}

// Fields that make the images of an answer from each other, or from starts of their own.
const SHARED = ['interpolate', 'latents', 'mix'];

/// Requests like the image's, but not the same: near its start where the model can mix, else from
/// other seeds.
export function variations(image, model, count) {
  const request = withClass(image);
  const takes = (name) => model.parameters.some((parameter) => parameter.name === name);
  for (const name of ['interpolate', 'seeds', 'best_of']) delete request[name];
  if (takes('mix') && request.seed !== undefined && !request.mix && !request.latents) {
    const mixed = Array.from({ length: count }, () => [
      { seed: request.seed, weight: 0.8 },
      { seed: drawSeed(), weight: 0.35 },
    ]);
    return mixed.map((mix) => without({ ...request, mix }, ['seed', 'n']));
  }
  const most = model.parameters.find((parameter) => parameter.name === 'n')?.maximum ?? 1;
  delete request.latents;
  return [{ ...request, seed: drawSeed(), n: Math.min(count, most) }];
}

function without(object, names) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/// The request of an image, with the class that the image shows where the request left it open.
export function withClass({ request, class: labels = {} }) {
  const values = Object.values(labels);
  if (request.class !== undefined || request.prompt !== undefined || !values.length) return { ...request };
  // What is chosen can't be drawn evenly too.
  return { ...without(request, ['balance']), class: values.length === 1 ? values[0] : labels };
}

/// The words that an image was asked for in: of a walk, those of both its ends.
export function wordsOf({ prompt, interpolate }) {
  if (prompt !== undefined) return prompt;
  const ends = [interpolate?.from, interpolate?.to].map((end) => end?.prompt).filter(Boolean);
  return [...new Set(ends)].join(' → ') || undefined;
}

/// One end of a walk, from an image: what its own request started from, with the words that it was
/// asked for in where the model walks between words too.
export function endOf(image, model) {
  const { request } = image;
  const ends = model.parameters.find((parameter) => parameter.name === 'interpolate')?.fields ?? [];
  const takes = (test) => ends.some((end) => end.fields?.some(test));
  const words = takes((field) => field.name === 'prompt') && request.prompt !== undefined ? { prompt: request.prompt } : {};
  if (Array.isArray(request.latents) && typeof request.latents[0] === 'number') return request.latents;
  if (image.seed !== undefined) return { ...words, seed: image.seed };
  if (request.seed !== undefined && !request.interpolate && !request.mix) return { ...words, seed: request.seed };
  return takes((field) => field.kind === 'image') ? { image: null } : undefined;
}
