// Which prompt goes along when another model is chosen: one that it can follow.

const remembered = new Map();

/// Models that share this understand the same words: all words, or those of their labels.
function vocabulary(model) {
  if (model.prompts) return 'any words';
  return JSON.stringify((model.classes ?? []).map((axis) => axis.labels.map((label) => label.name)));
}

/// Keeps the prompt that was written for a model.
export function remember(model, prompt) {
  remembered.set(vocabulary(model), prompt);
}

/// The prompt that was last written for a model that understands the same words.
export const recall = (model) => remembered.get(vocabulary(model));
