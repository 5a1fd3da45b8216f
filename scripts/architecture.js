'use strict';
// Draws which folder uses which into docs/architecture.md, from the code's #include and require lines:
//   node scripts/architecture.js          rewrites the picture; test/07.docs.js fails if it is out of date
// An arrow that follows from two others is left out (a → c, if there are a → b and b → c), so that layers are visible.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const PAGE = path.join(ROOT, 'docs', 'architecture.md');
const BLOCK = /(<!-- picture: node scripts\/architecture\.js -->\n)[^]*?(<!-- end of picture -->)/;

// External dependencies: the first word of the header, or the package's name → the node in the picture
const OUTSIDE = {
  openssl: "Node's OpenSSL",
  sqlite3: 'SQLite',
  mongoc: 'mongo-c-driver',
  bson: 'mongo-c-driver',
  napi: 'Node-API',
  node_api: 'Node-API',
  cookie: 'cookie',
  ms: 'ms',
  mongoose: 'mongoose',
};

/**
 * The node of a file: its folder; a store's files are grouped by database.
 * @param {string} file
 */
function roomOf(file) {
  const store = /^src\/store\/(mongo|sqlite)/.exec(file);
  if (store) return `${store[0]}*`;
  return file.startsWith('include/') ? 'include' : path.dirname(file);
}

/**
 * What a C or C++ file includes: files of src and include by path, the others by their library's name.
 * @param {string} text
 */
const includesOf = (text) =>
  [...text.matchAll(/^\s*#\s*include\s*[<"]([^">]+)[">]/gm)].map(
    ([, name]) =>
      ['src', 'include'].map((folder) => `${folder}/${name}`).find((place) => fs.existsSync(path.join(ROOT, place))) ??
      name,
  );

/**
 * What a JavaScript file requires: files by path, packages by name, the addon by its sources.
 * @param {string} file
 * @param {string} text
 */
function requiresOf(file, text) {
  const names = [...text.matchAll(/\brequire\('([^']+)'\)/g)]
    .map(([, name]) => name)
    .filter((name) => !name.endsWith('.node'));
  const files = names.map((name) =>
    name.startsWith('.') ? path.relative(ROOT, require.resolve(path.join(ROOT, path.dirname(file), name))) : name,
  );
  return text.includes('signet.node') ? [...files, 'src/node/addon.cc'] : files;
}

/** One-line files at a published path (lib/TokenExpiredError.js): not part of the picture. */
const isForwarder = (file) => path.dirname(file) === 'lib' && file !== 'lib/index.js';

/** @returns {Map<string, Set<string>>} node → the nodes that it uses */
function readGraph() {
  const tracked = execFileSync('git', ['ls-files', 'include', 'src', 'lib', 'client'], { cwd: ROOT, encoding: 'utf8' })
    .trim()
    .split('\n');
  const graph = new Map();
  for (const file of tracked.filter(
    (name) => /\.(c|h|cc|js)$/.test(name) && fs.existsSync(path.join(ROOT, name)) && !isForwarder(name),
  )) {
    const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
    const used = (/\.js$/.test(file) ? requiresOf(file, text) : includesOf(text)).map((name) =>
      name.includes('/') && fs.existsSync(path.join(ROOT, name)) ? roomOf(name) : OUTSIDE[name.split(/[/.]/)[0]],
    );
    const uses = graph.get(roomOf(file)) ?? new Set();
    graph.set(roomOf(file), uses);
    for (const room of used) if (room && room !== roomOf(file)) uses.add(room);
  }
  return graph;
}

/** Everything reachable. @param {Map<string, Set<string>>} graph @param {string} from */
function reached(graph, from, seen = new Set()) {
  for (const next of graph.get(from) ?? []) {
    if (seen.has(next)) continue;
    seen.add(next);
    reached(graph, next, seen);
  }
  return seen;
}

/** The arrows without those that follow from others. */
function arrowsOf(graph) {
  const follows = (from, to) => [...graph.get(from)].some((by) => by !== to && reached(graph, by).has(to));
  return [...graph]
    .flatMap(([from, uses]) => [...uses].filter((to) => !follows(from, to)).map((to) => [from, to]))
    .sort();
}

const idOf = (name) => name.replace(/\W+/g, '_').replace(/_$/, '');

function draw(graph) {
  const arrows = arrowsOf(graph);
  const rooms = [...graph.keys()].sort();
  const groups = {
    JavaScript: rooms.filter((room) => /^(lib|client)/.test(room)),
    C: rooms.filter((room) => /^(src|include)/.test(room)),
  };
  const outside = [...new Set(arrows.map(([, to]) => to))].filter((name) => !graph.has(name)).sort();
  return [
    '```mermaid',
    'flowchart TD',
    ...Object.entries(groups).flatMap(([group, members]) => [
      `  subgraph ${group}`,
      ...members.map((name) => `    ${idOf(name)}["${name}"]`),
      '  end',
    ]),
    ...outside.map((name) => `  ${idOf(name)}(["${name}"])`),
    ...arrows.map(([from, to]) => `  ${idOf(from)} --> ${idOf(to)}`),
    '```',
    '',
  ].join('\n');
}

/** The page as it is, and with the picture of the current code. */
function page() {
  const text = fs.readFileSync(PAGE, 'utf8');
  if (!BLOCK.test(text))
    throw new Error(`${PAGE} has no place for the picture: "<!-- picture: node scripts/architecture.js -->"`);
  return { text, wanted: text.replace(BLOCK, (_, begin, end) => begin + draw(readGraph()) + end) };
}

module.exports = { page, readGraph, reached };

if (require.main === module) fs.writeFileSync(PAGE, page().wanted);
