// A brush over an image. What it covers is white in the mask, and painted anew.
//
// It works with a pointer, and with the keyboard: arrows move it, Space paints.

import { h, icon } from './dom.js';
import { blobOf } from './files.js';
import { fit } from './image-size.js';
import { t } from './language.js';
import { slider } from './slider.js';

const BOX = 300;
/// How what is covered looks; the mask itself is white.
const INK = '#0ee6a8';

export function brush({ blob, width, height }, changed) {
  const shown = fit(width, height, BOX, BOX);
  const canvas = h('canvas', { tabindex: 0, class: 'mask', role: 'application', 'aria-label': t('mask.canvas') });
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const under = h('img', { alt: '', class: shown.enlarged ? 'pixels' : '' });
  under.src = URL.createObjectURL(blob);
  under.addEventListener('load', () => URL.revokeObjectURL(under.src));
  const cursor = h('div', { class: 'cursor', hidden: true });
  const canvasBox = h('div', { class: 'canvas-box', style: { width: `${shown.width}px`, height: `${shown.height}px` } }, under, canvas, cursor);
  canvas.classList.toggle('pixels', shown.enlarged);

  const thickness = slider({ min: 1, max: Math.max(2, Math.round(Math.max(width, height) / 2)), value: Math.max(1, Math.round(Math.max(width, height) / 7)), 'aria-label': t('mask.size'), on: { input: place } });
  const erase = h('button', { type: 'button', class: 'quiet small', 'aria-pressed': 'false', on: { click: () => erase.setAttribute('aria-pressed', String(!erasing())) } }, t('mask.erase'));
  const erasing = () => erase.getAttribute('aria-pressed') === 'true';
  const clear = h('button', { type: 'button', class: 'quiet small', on: { click: () => { wipe(); edited(); } } }, t('mask.clear'));
  const invert = h('button', { type: 'button', class: 'quiet small', on: { click: () => { flip(); edited(); } } }, t('mask.invert'));

  let file;
  let stale = false;
  let at = { x: width / 2, y: height / 2 };
  let last;

  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * width, y: ((event.clientY - box.top) / box.height) * height };
  };

  function stroke(from, to) {
    context.globalCompositeOperation = erasing() ? 'destination-out' : 'source-over';
    context.strokeStyle = INK;
    context.lineCap = 'round';
    context.lineWidth = Number(thickness.value);
    context.beginPath();
    context.moveTo(from.x, from.y);
    // A line of no length leaves no mark.
    context.lineTo(to.x + 0.01, to.y);
    context.stroke();
  }

  function place() {
    const scale = shown.width / width;
    const wide = Number(thickness.value) * scale;
    for (const [name, value] of [['width', wide], ['height', wide], ['left', at.x * scale - wide / 2], ['top', at.y * scale - wide / 2]]) {
      cursor.style.setProperty(name, `${value}px`);
    }
  }

  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = point(event);
    stroke(last, last);
    event.preventDefault();
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener('pointermove', (event) => {
    at = point(event);
    cursor.hidden = false;
    place();
    if (!last) return;
    stroke(last, at);
    last = at;
  });
  const lift = () => { if (last) edited(); last = undefined; };
  canvas.addEventListener('pointerup', lift);
  canvas.addEventListener('pointercancel', lift);
  canvas.addEventListener('pointerleave', () => { cursor.hidden = document.activeElement !== canvas; });
  canvas.addEventListener('focus', () => { cursor.hidden = false; place(); });
  canvas.addEventListener('blur', () => { cursor.hidden = true; });
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    if (move) {
      const far = Math.max(1, Number(thickness.value) / 2);
      const next = { x: clamp(at.x + move[0] * far, width), y: clamp(at.y + move[1] * far, height) };
      if (event.shiftKey) { stroke(at, next); edited(); }
      at = next;
      place();
    } else if (event.key === ' ') {
      stroke(at, at);
      edited();
    } else {
      return;
    }
    event.preventDefault();
  });

  function wipe() {
    context.clearRect(0, 0, width, height);
  }

  /// Gives what is covered the colour of the brush.
  function tint() {
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = INK;
    context.fillRect(0, 0, width, height);
  }

  function flip() {
    const pixels = context.getImageData(0, 0, width, height);
    for (let i = 3; i < pixels.data.length; i += 4) pixels.data[i] = 255 - pixels.data[i];
    context.putImageData(pixels, 0, 0);
    tint();
  }

  /// White where the brush was, on black; nothing where it was nowhere.
  function mask() {
    const covered = context.getImageData(0, 0, width, height).data.some((value, i) => i % 4 === 3 && value > 127);
    if (!covered) return undefined;
    const flat = document.createElement('canvas');
    flat.width = width;
    flat.height = height;
    const white = flat.getContext('2d');
    // What is covered, in white, over black.
    white.drawImage(canvas, 0, 0);
    white.globalCompositeOperation = 'source-in';
    white.fillStyle = '#fff';
    white.fillRect(0, 0, width, height);
    white.globalCompositeOperation = 'destination-over';
    white.fillStyle = '#000';
    white.fillRect(0, 0, width, height);
    const address = flat.toDataURL('image/png');
    return address.slice(address.indexOf(',') + 1);
  }

  function edited() {
    file = undefined;
    stale = true;
    changed();
  }

  const element = h('div', { class: 'brush' },
    h('p', { class: 'hint' }, icon('brush'), t('mask.how')),
    canvasBox,
    h('div', { class: 'tools' }, thickness, erase, invert, clear));
  return {
    element,
    value: () => {
      if (stale) [file, stale] = [mask(), false];
      return file;
    },
    clear: () => { wipe(); edited(); },
    load: async (b64) => {
      const bitmap = await createImageBitmap(blobOf(b64));
      wipe();
      context.globalCompositeOperation = 'source-over';
      context.drawImage(bitmap, 0, 0, width, height);
      // What is black in the file is clear on the canvas.
      const pixels = context.getImageData(0, 0, width, height);
      for (let i = 0; i < pixels.data.length; i += 4) pixels.data[i + 3] = pixels.data[i];
      context.putImageData(pixels, 0, 0);
      tint();
      edited();
    },
    focus: () => canvas.focus(),
  };
}

const clamp = (value, most) => Math.min(most, Math.max(0, value));
