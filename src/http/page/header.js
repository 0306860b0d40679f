// The bar above: language, theme, and the way to the documentation.

import { checkPicture } from './check.js';
import { h, icon } from './dom.js';
import { setting } from './store.js';
import { LANGUAGES, language, t } from './language.js';

const THEMES = ['auto', 'light', 'dark'];
const ICONS = { auto: 'auto', light: 'sun', dark: 'moon' };

export function theme(next) {
  const now = next ?? setting('theme') ?? 'auto';
  if (next) setting('theme', next);
  if (now === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', now);
  return now;
}

export function header(element, { speak }) {
  const languages = h('select', { class: 'plain', 'aria-label': t('language'), on: { change: () => speak(languages.value) } },
    LANGUAGES.map(([code, name]) => h('option', { value: code, lang: code, selected: code === language() }, name)));
  const button = h('button', { type: 'button', class: 'tool', on: { click: () => show(theme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length])) } });
  const show = (now) => {
    const says = `${t('theme')}: ${t(`theme.${now}`)}`;
    button.replaceChildren(icon(ICONS[now]));
    button.setAttribute('aria-label', says);
    button.title = says;
  };
  show(theme());
  element.replaceChildren(
    h('p', { class: 'brand' }, h('img', { src: 'page/icon.svg', alt: '', width: 28, height: 28 }), 'Atelier'),
    h('nav', { 'aria-label': 'Atelier' }, 
      h('button', { type: 'button', class: 'check-open', title: t('check'), on: { click: checkPicture } }, icon('seal'), h('span', {}, t('check'))),
      h('a', { href: 'docs/' }, t('docs')), languages, button));
}
