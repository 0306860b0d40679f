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

// Where a browser forbids its storage, pictures last as long as the page.
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
  if (!database) {
    const kept = { ...picture, id: unkeptId };
    unkeptId -= 1;
    unkept.push(kept);
    return kept;
  }
  const store = database.transaction('pictures', 'readwrite').objectStore('pictures');
  const id = await settled(store.add(picture));
  return { ...picture, id };
}

export async function remove(ids) {
  const database = await opened;
  if (!database) {
    for (const id of ids) unkept.splice(unkept.findIndex((one) => one.id === id), 1);
    return;
  }
  const store = database.transaction('pictures', 'readwrite').objectStore('pictures');
  await Promise.all(ids.map((id) => settled(store.delete(id))));
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
