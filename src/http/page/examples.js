// What a model can be asked for, to begin with.

import { LANGUAGES, labelsOf, language } from './language.js';

const EXAMPLES = 3;

/// A few prompts that the model follows, those in the reader's language first.
export function examplesOf(model) {
  const own = model.prompts?.examples ?? [];
  if (own.length) {
    // They come in the languages of the page, one after the other.
    const at = LANGUAGES.findIndex(([code]) => code === language());
    const spoken = own.filter((_, place) => place % LANGUAGES.length === at);
    return [...spoken, ...own.filter((one) => !spoken.includes(one))].slice(0, EXAMPLES);
  }
  const takesPrompt = model.parameters.some((parameter) => parameter.name === 'prompt');
  // Of a model of styles, a prompt names one of them.
  const styles = model.parameters.filter((parameter) => parameter.name === 'style' && parameter.words?.length);
  const choices = [...(model.classes ?? []), ...styles.map(({ name, words }) => ({ name, labels: words }))];
  const axes = (takesPrompt ? choices : []).map(words).filter((axis) => axis.length);
  if (!axes.length) return [];
  return Array.from({ length: EXAMPLES }, (_, turn) => axes.slice(0, 2)
    .map((axis) => axis[(Math.floor(axis.length * 0.7) + turn * 2) % axis.length]).join(', '))
    .filter((example, at, all) => all.indexOf(example) === at);
}

function words(axis) {
  return (labelsOf({ name: axis.name }, { classes: [axis] }) ?? []).map((label) => label[language()]?.[0] ?? label.name);
}
