// A picture's request as code that runs: curl, Python, JavaScript.

import { address } from './api.js';

export const LANGUAGES = ['curl', 'Python', 'JavaScript'];

/// The code that paints `picture` again. Picture files in the request become files on disk.
export function code(language, picture) {
  const files = [];
  const request = withFiles(picture.request, files, []);
  const file = `picture.${picture.media_type.split('/')[1].replace('jpeg', 'jpg')}`;
  const parts = { url: address('generate'), request, files, file, single: picture.alone, media: picture.media_type, index: picture.index ?? 0 };
  return { curl, Python: python, JavaScript: javascript }[language](parts);
}

const MARK = '\u0001';

/// The request with a mark in place of each picture file.
function withFiles(value, files, path) {
  if (typeof value === 'string' && value.length > 100 && /^[A-Za-z0-9+/=]+$/.test(value)) {
    const name = `${path.filter((part) => typeof part === 'string').join('-')}.png`;
    files.push(name);
    return `${MARK}${name}${MARK}`;
  }
  if (Array.isArray(value)) return value.map((one, place) => withFiles(one, files, [...path, place]));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withFiles(one, files, [...path, name])]));
  }
  return value;
}

const marked = new RegExp(`"${MARK}([^${MARK}]*)${MARK}"`, 'g');
// JSON.stringify writes the mark as an escape.
const json = (value, indent) => JSON.stringify(value, null, indent).replaceAll('\\u0001', MARK);

function curl({ url, request, files, file, single, media, index }) {
  const accept = single ? ` -H 'Accept: ${media}'` : '';
  const head = `curl -s ${url} -H 'Content-Type: application/json'${accept}`;
  const out = single ? ` -o ${file}` : ` | jq -r '.images[${index}].b64' | base64 -d > ${file}`;
  if (!files.length) return `${head} \\\n  -d '${json(request).replaceAll("'", "'\\''")}'${out}`;
  // The shell fills in the files, so what it would take for its own is escaped.
  const body = json(request).replace(/[\\`$]/g, '\\$&').replace(marked, '"$(base64 -w0 $1)"');
  return `${head} -d @-${out} <<JSON\n${body}\nJSON`;
}

function python({ url, request, files, file, index }) {
  const body = pythonic(request).replace(marked, 'b64encode(open("$1", "rb").read()).decode()');
  const names = files.length ? 'b64decode, b64encode' : 'b64decode';
  return [
    `from base64 import ${names}`,
    'import json',
    'from urllib.request import Request, urlopen',
    '',
    `body = ${body}`,
    `request = Request("${url}", json.dumps(body).encode(), {"Content-Type": "application/json"})`,
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

function javascript({ url, request, files, file, index }) {
  const body = json(request, 2).replace(marked, '(await readFile("$1")).toString("base64")');
  const names = files.length ? 'readFile, writeFile' : 'writeFile';
  return [
    `import { ${names} } from "node:fs/promises";`,
    '',
    `const response = await fetch("${url}", {`,
    '  method: "POST",',
    '  headers: { "Content-Type": "application/json" },',
    `  body: JSON.stringify(${body.replaceAll('\n', '\n  ')}),`,
    '});',
    'const answer = await response.json();',
    `await writeFile("${file}", Buffer.from(answer.images[${index}].b64, "base64"));`,
  ].join('\n');
}
