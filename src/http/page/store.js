// The gallery's memory: IndexedDB in this browser, bounded, the oldest leaving first.

const MOST_PICTURES = 240;
const MOST_BYTES = 96 << 20;

const opened = open();

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('atelier', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('pictures', { keyPath: 'id', autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }).catch(() => null);
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// Where a browser forbids its storage, or has no room, pictures last as long as the page.
const unkept = [];
let unkeptId = -1;

/// All pictures, the newest first.
export async function all() {
  const database = await opened;
  if (!database) return [...unkept].reverse();
  const pictures = await settled(database.transaction('pictures').objectStore('pictures').getAll());
  return pictures.reverse();
}

/// Keeps a picture, and answers it with its id.
export async function add(picture) {
  const database = await opened;
  if (!database) return hold(picture);
  const store = database.transaction('pictures', 'readwrite').objectStore('pictures');
  // A browser that has no room left for it shows it all the same.
  const id = await settled(store.add(picture)).catch(() => undefined);
  return id === undefined ? hold(picture) : { ...picture, id };
}

function hold(picture) {
  const held = { ...picture, id: unkeptId };
  unkeptId -= 1;
  unkept.push(held);
  return held;
}

export async function remove(ids) {
  const database = await opened;
  for (const id of ids.filter((one) => one < 0)) unkept.splice(unkept.findIndex((one) => one.id === id), 1);
  if (!database) return;
  const store = database.transaction('pictures', 'readwrite').objectStore('pictures');
  await Promise.all(ids.filter((id) => id > 0).map((id) => settled(store.delete(id))));
}

/// Of pictures with the newest first, those that are over the bound.
export function surplus(pictures) {
  let bytes = 0;
  return pictures.filter((picture, place) => {
    bytes += picture.blob.size + JSON.stringify(picture.request).length;
    return place >= MOST_PICTURES || bytes > MOST_BYTES;
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
