// An image's request as code that runs: curl, Python, JavaScript.

import { address, key } from './api.js';
import { extensionOf, isFile, mediaTypeOf } from './files.js';

export const LANGUAGES = ['curl', 'Python', 'JavaScript'];

/// The code that paints `image` again. Image files in the request become files on disk.
export function code(language, image) {
  const files = [];
  const request = withFiles(image.request, files, []);
  const file = `picture.${extensionOf(image.media_type)}`;
  const parts = { url: address('generate'), request, files, file, single: image.alone, media: image.media_type, index: image.index ?? 0, secret: Boolean(key()) };
  return { curl, Python: python, JavaScript: javascript }[language](parts);
}

/// The files that the code reads: their names, and what is in them.
export function filesOf(image) {
  const files = [];
  withFiles(image.request, files, []);
  return files;
}

const MARK = '\u0001';

/// The request with a mark in place of each image file.
function withFiles(value, files, path) {
  if (typeof value === 'string' && isFile(value)) {
    const name = `${path.join('-')}.${extensionOf(mediaTypeOf(value))}`;
    files.push({ name, b64: value });
    return `${MARK}${name}${MARK}`;
  }
  if (Array.isArray(value)) return value.map((one, at) => withFiles(one, files, [...path, at]));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withFiles(one, files, [...path, name])]));
  }
  return value;
}

const marked = new RegExp(`"${MARK}([^${MARK}]*)${MARK}"`, 'g');
// JSON.stringify writes the mark as an escape.
const json = (value, indent) => JSON.stringify(value, null, indent).replaceAll('\\u0001', MARK);

function curl({ url, request, files, file, single, media, index, secret }) {
  const accept = single ? ` -H 'Accept: ${media}'` : '';
  const authorization = secret ? ' -H "Authorization: Bearer $ATELIER_KEY"' : '';
  const head = `curl -sS --fail-with-body ${url}${authorization} -H 'Content-Type: application/json'${accept}`;
  const out = single ? ` -o ${file}` : ` | jq -r '.images[${index}].b64' | base64 -d > ${file}`;
  if (!files.length) return `${head} \\\n  -d '${json(request).replaceAll("'", "'\\''")}'${out}`;
  // The shell fills in the files, so what it would take for its own is escaped.
  const body = json(request).replace(/[\\`$]/g, '\\$&').replace(marked, '"$(base64 -w0 $1)"');
  return `${head} -d @-${out} <<JSON\n${body}\nJSON`;
}

function python({ url, request, files, file, index, secret }) {
  const body = pythonic(request).replace(marked, 'b64encode(open("$1", "rb").read()).decode()');
  const names = files.length ? 'b64decode, b64encode' : 'b64decode';
  return [
    `from base64 import ${names}`,
    'import json',
    ...(secret ? ['import os'] : []),
    'from urllib.request import Request, urlopen',
    '',
    `body = ${body}`,
    `request = Request("${url}", json.dumps(body).encode(), {"Content-Type": "application/json"${secret ? ', "Authorization": "Bearer " + os.environ["ATELIER_KEY"]' : ''}})`,
    'answer = json.load(urlopen(request))',
    `open("${file}", "wb").write(b64decode(answer["images"][${index}]["b64"]))`,
  ].join('\n');
}

function pythonic(value) {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (Array.isArray(value)) return `[${value.map(pythonic).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value).map(([name, one]) => `${json(name)}: ${pythonic(one)}`).join(', ')}}`;
  }
  return json(value);
}

function javascript({ url, request, files, file, index, secret }) {
  const body = json(request, 2).replace(marked, '(await readFile("$1")).toString("base64")');
  const names = files.length ? 'readFile, writeFile' : 'writeFile';
  return [
    `import { ${names} } from "node:fs/promises";`,
    '',
    `const response = await fetch("${url}", {`,
    '  method: "POST",',
    '  headers: { "Content-Type": "application/json"' + (secret ? ', Authorization: `Bearer ${process.env.ATELIER_KEY}`' : '') + ' },',
    `  body: JSON.stringify(${body.replaceAll('\n', '\n  ')}),`,
    '});',
    'if (!response.ok) throw new Error(await response.text());',
    'const answer = await response.json();',
    `await writeFile("${file}", Buffer.from(answer.images[${index}].b64, "base64"));`,
  ].join('\n');
}
