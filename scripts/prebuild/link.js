'use strict';
// How a binary is linked, by platform. All keep to themselves what is linked in, libc++ and both databases included.

const fs = require('node:fs');
const path = require('node:path');

// The symbols that Node looks for, and what copies of the addon ask each other for (src/store/sqlite_copies.c).
const EXPORTS = ['napi_register_module_v1', 'node_api_module_get_api_version_v1', 'signet_sqlite_holds_v1'];

/**
 * @typedef {{ target: import('./targets').Target & { name: string }, work: string, gyp: { ldflags: string[] },
 *   nodes: Map<string, Set<string>>, call: (words: string[]) => Promise<unknown> }} Link
 */

/** @param {Link} link */
function forLinux({ work, gyp }) {
  const script = path.join(work, 'exports.map');
  fs.writeFileSync(script, `{ global: ${EXPORTS.join('; ')}; local: *; };\n`);
  return [
    '-s',
    '-Wl,--gc-sections',
    ...gyp.ldflags.filter((flag) => !flag.includes('exclude-libs')), // the version script hides more
    `-Wl,--version-script=${script}`,
    '-lm',
  ];
}

/**
 * On Windows, a DLL names the library of each function that it imports. All of Node's and OpenSSL's are in node.exe: an
 * import library lists the C names that every version of it exports.
 * @param {Link} link
 */
async function forWindows({ target, work, nodes, call }) {
  const [first, ...others] = nodes.values();
  const names = [...first].filter((name) => others.every((exported) => exported.has(name)));
  const definitions = path.join(work, 'node.def');
  const library = path.join(work, 'node.lib');
  fs.writeFileSync(definitions, `LIBRARY node.exe\nEXPORTS\n${names.join('\n')}\n`);
  await call(['dlltool', '-m', target.machine, '-d', definitions, '-l', library]);
  // Brepro: a digest in the header instead of the time. What is declared dllexport is exported, and nothing else.
  return ['-s', '-Wl,--gc-sections', '-Wl,/Brepro', library];
}

/** On macOS, names that no given library has are looked up in the program, which is Node. */
const forMacos = () => [
  '-undefined',
  'dynamic_lookup',
  '-Wl,-dead_strip',
  '-Wl,-x',
  '-s',
  '-Wl,-install_name,@rpath/signet.node',
  `-L${path.join(__dirname, 'darwin')}`,
  '-lresolv',
];

const LINKERS = { linux: forLinux, win32: forWindows, darwin: forMacos };

/**
 * @param {Link} link
 * @param {string[]} inputs objects and archives
 * @returns {Promise<string>} the path of the binary, in the working folder
 */
async function linkAddon(link, inputs) {
  const { target, work, call } = link;
  const binary = path.join(work, 'signet.node');
  fs.rmSync(binary, { force: true });
  const words = await LINKERS[target.platform](link);
  await call(['c++', '-target', target.triple, '-shared', ...inputs, ...words, ...target.link, '-o', binary]);
  return binary;
}

module.exports = { EXPORTS, linkAddon };
