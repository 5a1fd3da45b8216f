'use strict';
// Checks a prebuilt binary by its headers: it may need nothing from the machine except its system's own libraries and
// Node, and export nothing except Node's entry points.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { run } = require('../console.js');
const { EXPORTS } = require('./link.js');
const { signatureFault } = require('./macos-signature.js');
const { exportsOf, windowsImports, macosNeeds, stubNames, macosStubs } = require('./symbols.js');

const ROOT = path.join(__dirname, '..', '..');
const LARGEST = 2.3 * 1024 * 1024;
const OLDEST_MACOS = '11.0';
const OF_THE_LINKER = ['__dso_handle', '_mh_dylib_header']; // Zig's, where a dylib begins

const all = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]))];
const newer = (a, b) => a.localeCompare(b, 'en', { numeric: true }) > 0;
/** @param {string} what @param {string[]} names */
const fault = (what, names) => (names.length > 0 ? [`${what} ${names.slice(0, 5).join(', ')}`] : []);

/** @param {string} binary @param {import('./targets').Target} target */
function linuxFaults(binary, target) {
  const read = (...args) => run('readelf', ['--wide', ...args, binary], { stdio: 'pipe' });
  const dynamic = read('--dynamic');
  const symbols = read('--dyn-syms');
  const shown = all(symbols, /(?:GLOBAL|WEAK)\s+(?:DEFAULT|PROTECTED)\s+(?!UND)\S+\s+([^\s@]+)/g);
  const libraries = all(dynamic, /\(NEEDED\).*\[(.+)\]/g);
  const glibc = all(read('--version-info'), /GLIBC_([\d.]+)/g);
  const asked = all(symbols, /\sUND\s+([^\s@]+)/g);
  return [
    ...shownFaults(shown),
    ...fault(
      'it needs',
      libraries.filter((name) => !target.libraries.includes(name)),
    ),
    ...fault(
      'it needs glibc',
      glibc.filter((version) => newer(version, target.glibc ?? '0')),
    ),
    ...fault(
      'it has, of its own,',
      (target.fromLibc ?? []).filter((name) => !asked.includes(name)),
    ),
    ...(/TEXTREL/.test(dynamic) ? ['it has text relocations'] : []),
    ...(/RPATH|RUNPATH/.test(dynamic) ? ['it has a search path of this machine'] : []),
    ...['NODELETE', 'NOW'].filter((flag) => !dynamic.includes(flag)).map((flag) => `it lacks -z ${flag.toLowerCase()}`),
  ];
}

/** @param {string[]} shown */
const shownFaults = (shown) =>
  fault(
    'it shows',
    shown.filter((name) => !EXPORTS.includes(name)),
  );

/** What one version of Node does not have of what a binary asks it for. */
const nodeFaults = (asked, nodes) =>
  [...nodes].flatMap(([version, exported]) =>
    fault(
      `Node ${version} has no`,
      asked.filter((name) => !exported.has(name)),
    ),
  );

function windowsFaults(binary, target, { nodes }) {
  const imports = windowsImports(binary);
  const libraries = [...imports.keys()].filter((name) => !/^api-ms-win-crt-\w+-l1-1-0\.dll$/i.test(name));
  return [
    ...shownFaults(exportsOf(binary, 'win32')),
    ...fault(
      'it needs',
      libraries.filter((name) => !target.libraries.includes(name)),
    ),
    ...nodeFaults(imports.get('node.exe') ?? [], nodes),
  ];
}

function macosFaults(binary, target, { nodes, compiler }) {
  const needs = macosNeeds(binary);
  const system = stubNames(macosStubs(compiler));
  return [
    ...shownFaults(exportsOf(binary, 'darwin').filter((name) => !OF_THE_LINKER.includes(name))),
    ...fault(
      'it needs',
      needs.libraries.filter((name) => !target.libraries.includes(name)),
    ),
    ...nodeFaults(
      needs.undefinedNames.filter((name) => !system.has(name)),
      nodes,
    ),
    ...(needs.oldest === OLDEST_MACOS ? [] : [`it is for macOS ${needs.oldest}, not ${OLDEST_MACOS}`]),
    ...(needs.id === '@rpath/signet.node' ? [] : [`its name is ${needs.id}`]),
    ...fault('it has a search path,', needs.paths),
    ...(needs.signature || target.processor === 'x86_64'
      ? signatureFault(binary, needs.signature)
      : ['it is not signed']),
  ];
}

const INSPECTORS = { linux: linuxFaults, win32: windowsFaults, darwin: macosFaults };

/** What only this machine knows, and what only a binary that is larger than it should be has. @param {string} binary */
function contentFaults(binary) {
  const bytes = fs.readFileSync(binary);
  const places = [ROOT, os.homedir(), os.tmpdir()].filter((place) => place.length > 1 && bytes.includes(`${place}/`));
  return [
    ...fault('it has paths of this machine, in', places),
    ...(bytes.length > LARGEST ? [`it has ${bytes.length} bytes`] : []),
  ];
}

/**
 * @param {string} binary
 * @param {import('./targets').Target} target
 * @param {{ nodes: Map<string, Set<string>>, compiler: string }} given what the versions of Node for it export; Zig's
 *   path
 * @returns {string[]} what is wrong with it
 */
const faults = (binary, target, given) => [
  ...contentFaults(binary),
  ...INSPECTORS[target.platform](binary, target, given),
];

module.exports = { faults };
