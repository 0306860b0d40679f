// Image files: from base64 and back, and into a kind and size that the server takes.

export function bytesOf(b64) {
  return Uint8Array.from(atob(b64), (char) => char.charCodeAt(0));
}

/// The kind of file, from how its base64 begins.
export function mediaTypeOf(b64) {
  if (b64.startsWith('/9j/')) return 'image/jpeg';
  return b64.startsWith('UklGR') ? 'image/webp' : 'image/png';
}

/// Whether a text is a PNG, JPEG or WebP file in base64.
export const isFile = (text) => text.length > 60 && /^(iVBORw0KGgo|\/9j\/|UklGR)[A-Za-z0-9+/]+=*$/.test(text);

export const blobOf = (b64) => new Blob([bytesOf(b64)], { type: mediaTypeOf(b64) });

export const extensionOf = (mediaType) => mediaType.split('/')[1].replace('jpeg', 'jpg');

export async function base64Of(blob) {
  const address = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
  return address.slice(address.indexOf(',') + 1);
}

/// Whether two files are the same, byte for byte.
export async function sameBytes(one, other) {
  if (!other || one.size !== other.size) return false;
  const [a, b] = await Promise.all([one, other].map(async (blob) => new Uint8Array(await blob.arrayBuffer())));
  return a.every((byte, at) => byte === b[at]);
}

/// What a browser can't be asked to send as it stands, it draws anew.
const KNOWN = ['image/png', 'image/jpeg', 'image/webp'];
const MOST_BYTES = 5 << 20;
const LONGEST_SIDE = 2048;

/// An image file of a kind and size that the server takes: {blob, width, height}.
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
