// What a request sets, as people read it.

import { isFile } from './files.js';
import { choiceWord, inDigits, labelOf, labelsOf, nameOf, t } from './language.js';

const LONGEST = 160;

/// A value of a parameter in words: the choice's own, and of an object what each of its fields says.
export function inWords(value, parameter, model) {
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (typeof value === 'string' && parameter?.choices?.length) return choiceWord(value, labelsOf(parameter, model));
  if (typeof value === 'string') return isFile(value) ? t('value.image') : value;
  if (typeof value === 'number') return inDigits(value);
  if (Array.isArray(value)) return cut(value.map((one) => within(inWords(one, parameter, model), one)).join(', '));
  if (value === null || typeof value !== 'object') return String(value);
  return cut(Object.entries(value).map(([name, one]) => {
    const field = parameter?.fields?.find((each) => each.name === name);
    return `${field ? labelOf(field) : nameOf(name)}: ${within(inWords(one, field, model), one)}`;
  }).join(', '));
}

/// An object within a value stands in brackets, so that it is seen where it ends.
const within = (words, value) => (value !== null && typeof value === 'object' ? `(${words})` : words);

const cut = (words) => (words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words);
