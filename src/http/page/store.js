// The gallery's memory: IndexedDB in this browser, bounded, the oldest leaving first.

export const MOST_IMAGES = 240;
const MOST_BYTES = 96 << 20;
// What it has been called since the first release; another name would leave galleries behind.
const TABLE = 'pictures';

const opened = open();

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('atelier', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(TABLE, { keyPath: 'id', autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }).catch(() => null);
}

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// Where a browser forbids its storage, or has no room, images last as long as the page.
const inMemory = [];
let memoryId = -1;

// Other tabs of this gallery hear of each change.
const others = typeof BroadcastChannel === 'function' ? new BroadcastChannel('atelier-gallery') : undefined;

/// Calls `changed` when another tab has added or removed images.
export function watch(changed) {
  if (others) others.onmessage = changed;
}

/// All images, the newest first.
export async function all() {
  const database = await opened;
  const held = [...inMemory].reverse();
  if (!database) return held;
  const images = await finished(database.transaction(TABLE).objectStore(TABLE).getAll());
  return [...held, ...images.reverse()];
}

/// Keeps images, and answers them with their ids. One that has an id already comes back in its old
/// place.
export async function add(images) {
  const database = await opened;
  const kept = [];
  for (const image of images) kept.push(database && !(image.id < 0) ? await write(database, image) : hold(image));
  others?.postMessage('added');
  return kept;
}

async function write(database, image) {
  const table = database.transaction(TABLE, 'readwrite').objectStore(TABLE);
  // A browser that has no room left for it shows it all the same.
  const id = await finished(table.put(image)).catch(() => undefined);
  return id === undefined ? hold(image) : { ...image, id };
}

function hold(image) {
  const held = { ...image, id: image.id ?? memoryId };
  memoryId -= 1;
  inMemory.push(held);
  return held;
}

export async function remove(ids) {
  const database = await opened;
  for (const id of ids.filter((one) => one < 0)) inMemory.splice(inMemory.findIndex((one) => one.id === id), 1);
  if (database) {
    const table = database.transaction(TABLE, 'readwrite').objectStore(TABLE);
    await Promise.all(ids.filter((id) => id > 0).map((id) => finished(table.delete(id))));
  }
  others?.postMessage('removed');
}

/// Of images with the newest first, those that are over the bound.
export function overflow(images) {
  let bytes = 0;
  return images.filter((image, at) => {
    bytes += image.blob.size + JSON.stringify(image.request).length;
    return at >= MOST_IMAGES || bytes > MOST_BYTES;
  });
}

/// A small setting, such as the theme.
export function setting(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(`atelier.${name}`);
    localStorage.setItem(`atelier.${name}`, value);
  } catch {
    // Forbidden storage: the setting lasts as long as the page.
  }
  return value ?? null;
}
