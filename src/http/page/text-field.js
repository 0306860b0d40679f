// A text, which grows with what is written. Enter paints. A prompt has examples, and says how much
// of it the model reads.

import { freshId, h } from './dom.js';
import { examplesOf } from './examples.js';
import { frame } from './field.js';
import { t } from './language.js';

/// Tokens that a word takes, more or less, over the languages of the page.
const TOKENS_PER_WORD = 1.4;

export function text(parameter, context) {
  const examples = parameter.name === 'prompt' && !context.nested ? examplesOf(context.model) : [];
  const input = h('textarea', {
    id: freshId('field'), rows: 1, class: 'text', autocomplete: 'off', spellcheck: 'false', dir: 'auto',
    placeholder: placeholder(parameter, examples, context.model),
  });
  const grow = () => { input.style.setProperty('height', 'auto'); input.style.setProperty('height', `${input.scrollHeight + 2}px`); };
  const set = (next) => { input.value = next ?? ''; changed(); };
  const suggestions = examples.length > 0 && h('div', { class: 'examples', role: 'group', 'aria-label': t('example.try') },
    examples.map((example) => h('button', {
      type: 'button', class: 'example', dir: 'auto', 'aria-label': t('example.use', { example }),
      on: { click: () => { set(example); context.submit(); } },
    }, example)));
  const limit = h('p', { class: 'hint limit', role: 'status', hidden: true });
  const changed = () => {
    grow();
    if (suggestions) suggestions.hidden = input.value !== '';
    tellLimit(limit, parameter, input.value);
    context.changed();
  };
  input.addEventListener('input', changed);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      context.submit();
    }
  });
  // A placeholder may take more than a line, and more of them on a narrow screen.
  new ResizeObserver(() => requestAnimationFrame(grow)).observe(input);
  tellLimit(limit, parameter, '');
  const framed = frame(parameter, { labels: input, control: h('div', {}, input, suggestions, limit), kind: 'words' });
  const value = () => (input.value.trim() === '' ? undefined : input.value.trim());
  return { ...framed, name: parameter.name, value, set, example: examples[0], focus: () => input.focus() };
}

function placeholder(parameter, examples, model) {
  if (parameter.name !== 'prompt') return '';
  if (!examples.length) return t('prompt.open');
  // Without words, some models paint the example, and all others what chance decides.
  return t(model.prompts ? 'prompt.example' : 'prompt.choice', { example: examples[0] });
}

/// How much of a text is read, before anybody has painted with it.
function tellLimit(limit, parameter, written) {
  if (!parameter.tokens) return;
  const words = Math.max(1, Math.floor(parameter.tokens / TOKENS_PER_WORD));
  const count = written.split(/\s+/).filter(Boolean).length;
  const beyond = count > words;
  limit.hidden = count === 0;
  limit.classList.toggle('beyond', beyond);
  const says = beyond ? t('prompt.beyond', { count, words }) : t('prompt.longest', { words, tokens: parameter.tokens });
  if (limit.textContent !== says) limit.textContent = says;
}
