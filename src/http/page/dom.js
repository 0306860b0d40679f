// Elements in one call: h('button', {class: 'quiet', on: {click}}, 'Paint').

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === 'style') {
      // Set one by one: the page's policy refuses style attributes.
      for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    } else if (name in PROPERTIES) {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

// What must be set as a property to count.
const PROPERTIES = { value: 1, checked: 1, disabled: 1, hidden: 1, open: 1, selected: 1 };

let ids = 0;

/// An id that no other element has.
export function freshId(start) {
  ids += 1;
  return `${start}-${ids}`;
}

/// Scrolls to an element, without a glide for those who want none.
export function bringUp(element, block = 'start') {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.scrollIntoView({ behavior: calm ? 'instant' : 'smooth', block });
}

/// Tells those who listen rather than look.
export function announce(text) {
  const news = document.getElementById('news');
  news.textContent = '';
  // An empty moment between makes the same words be read again.
  requestAnimationFrame(() => { news.textContent = text; });
}

/// An icon of lines, from the path data of a 24 by 24 drawing.
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  dice: 'M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM8.5 8.5h.01M15.5 8.5h.01M12 12h.01M8.5 15.5h.01M15.5 15.5h.01',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  unlock: 'M6 11h12v9H6zM8.5 11V7a3.5 3.5 0 0 1 6.8-1.2',
  close: 'M6 6l12 12M18 6 6 18',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01',
  down: 'M6 9l6 6 6-6',
  again: 'M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6',
  vary: 'M4 7h4l8 10h4M4 17h4l2.5-3.1M13.5 10.1 16 7h4M18 5l2 2-2 2M18 15l2 2-2 2',
  save: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  code: 'M8 7l-5 5 5 5M16 7l5 5-5 5',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  seal: 'M12 3l7 3v5c0 4.500-3 8-7 10-4-2-7-5.500-7-10V6zM9 12l2 2 4-4',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01',
  walk: 'M5 18a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM19 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7 16c6 0 4-8 10-8',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4',
  moon: 'M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5z',
  auto: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v18M12 8h8M12 12h9M12 16h8',
  plus: 'M12 5v14M5 12h14',
  undo: 'M4 9h10a6 6 0 0 1 0 12H9M4 9l4-4M4 9l4 4',
  upscale: 'M4 14v6h6M20 10V4h-6M4 20l7-7M20 4l-7 7',
  style: 'M12 3a9 9 0 1 0 0 18c1.500 0 2-1 1.500-2.200-.6-1.500.3-2.800 2-2.800H18a3 3 0 0 0 3-3c0-5.500-4-10-9-10zM7.500 12h.01M9.500 8h.01M14.500 8h.01',
  compare: 'M4 5h16v14H4zM12 3v18M8 10l-2 2 2 2M16 10l2 2-2 2',
  brush: 'M20 4c-5 2-9 6-11 10l1 1c4-2 8-6 10-11zM8.500 15C6 15 5 17 4 20c3 0 6-.5 6-3.500',
};
