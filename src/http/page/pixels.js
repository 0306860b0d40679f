// How large a picture is shown: small ones grow by whole numbers, so that each pixel stays a square.

/// The size in a box, and whether pixels are enlarged.
export function fit(width, height, boxWidth, boxHeight) {
  const room = Math.min(boxWidth / width, boxHeight / height);
  const scale = room >= 1 ? Math.floor(room) : room;
  return { width: Math.round(width * scale), height: Math.round(height * scale), enlarged: scale > 1 };
}

/// Shows an image element at that size.
export function size(image, width, height, boxWidth, boxHeight) {
  const shown = fit(width, height, boxWidth, boxHeight);
  image.width = shown.width;
  image.height = shown.height;
  image.classList.toggle('pixels', shown.enlarged);
}

export function bytesOf(b64) {
  return Uint8Array.from(atob(b64), (char) => char.charCodeAt(0));
}

export async function base64Of(blob) {
  const address = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
  return address.slice(address.indexOf(',') + 1);
}

/// What a browser can't be asked to send as it stands, it draws anew.
const KNOWN = ['image/png', 'image/jpeg', 'image/webp'];
const MOST_BYTES = 5 << 20;
const LONGEST_SIDE = 2048;

/// A picture file of a kind and size that the server takes: {blob, width, height}.
export async function readable(file) {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  if (KNOWN.includes(file.type) && file.size <= MOST_BYTES && Math.max(width, height) <= LONGEST_SIDE) {
    bitmap.close();
    return { blob: file, width, height };
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  return { blob, width: canvas.width, height: canvas.height };
}
