// How large an image is shown: small ones grow by whole numbers, so that each pixel stays a square.

/// The size in a box, and whether pixels are enlarged.
export function fit(width, height, boxWidth, boxHeight) {
  const room = Math.min(boxWidth / width, boxHeight / height);
  const scale = room >= 1 ? Math.floor(room) : room;
  return { width: Math.round(width * scale), height: Math.round(height * scale), enlarged: scale > 1 };
}

/// Shows an image element at that size.
export function resize(element, width, height, boxWidth, boxHeight) {
  const shown = fit(width, height, boxWidth, boxHeight);
  element.width = shown.width;
  element.height = shown.height;
  element.classList.toggle('pixels', shown.enlarged);
}
