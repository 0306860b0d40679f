// The language that the page speaks. The server answers in it too: names and descriptions of
// parameters, warnings and errors come in the reader's language.

import { setting } from './store.js';
import { TEXTS } from './texts.js';

export const LANGUAGES = [['en', 'English'], ['fr', 'Français'], ['vi', 'Tiếng Việt']];

/// Where the language stands in LANGUAGES, and in each text.
let index = 0;

/// Speaks that language from here on; without one, the language of the reader's browser.
export function speak(language) {
  const known = LANGUAGES.map(([code]) => code);
  const wanted = [language ?? setting('language'), ...navigator.languages, navigator.language];
  const codes = wanted.filter(Boolean).map((one) => one.slice(0, 2).toLowerCase());
  index = known.indexOf(codes.find((code) => known.includes(code)) ?? 'en');
  document.documentElement.lang = known[index];
  return known[index];
}

export const language = () => LANGUAGES[index][0];

/// A text of the page, with {names} filled in.
export function t(key, values = {}) {
  return TEXTS[key][index].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/// What a parameter is called, as the server says it in the reader's language.
export function labelOf(parameter) {
  return capital(parameter.label || nameOf(parameter.name));
}

/// The name of a field whose model is gone.
export function nameOf(name) {
  return capital(name.replaceAll(/[_-]/g, ' '));
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/// What kind of model it is; a kind that came after this page has its own name.
export const familyOf = (model) => (`family.${model.family}` in TEXTS ? t(`family.${model.family}`) : model.family);

/// A choice in the reader's language: by the words that the model has for its labels.
export function choiceWord(value, labels) {
  const own = ownWord(value, labels);
  if (own) return own;
  if (value === 'yes' || value === 'no') return t(value);
  return value;
}

/// The model's own word for a label, if it has one. A number needs none.
export function ownWord(value, labels) {
  if (/^[\d.]+$/.test(value)) return undefined;
  return labels?.find((one) => one.name === value)?.[language()]?.[0];
}

/// The labels that a parameter chooses from: its own words, or those of the class axis of its name.
export function labelsOf(parameter, model) {
  if (parameter.words?.length) return parameter.words;
  const axes = model?.classes ?? [];
  const only = parameter.name === 'class' && axes.length === 1 ? axes[0] : undefined;
  return (axes.find((axis) => axis.name === parameter.name) ?? only)?.labels;
}

/// A number as the reader's language writes it.
export function inDigits(number, options = { maximumFractionDigits: 20, useGrouping: false }) {
  return number.toLocaleString(language(), options);
}

/// A problem as a sentence.
export function sentence(problem) {
  const whole = ['queue-full', 'draining', 'deadline-passed', 'too-large', 'internal', 'unreachable', 'unauthorized'];
  if (whole.includes(problem.kind)) return t(`problem.${problem.kind}`, { seconds: problem.retryAfter ?? 1 });
  return capital(problem.message).replace(/[.\s]*$/, '.');
}
