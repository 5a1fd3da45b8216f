'use strict';
// Checks a prebuilt binary by its headers: it may need nothing from the machine except libc, and export nothing except
// Node's entry points.

const { run } = require('../console.js');

const read = (...args) => run('readelf', ['--wide', ...args], { stdio: 'pipe' });
const all = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]))];
const newer = (a, b) => a.localeCompare(b, 'en', { numeric: true }) > 0;

/**
 * @param {string} binary
 * @param {{ libraries: string[], glibc?: string, fromLibc?: string[] }} target
 * @returns {string[]} what is wrong with it
 */
function faults(binary, target) {
  const dynamic = read('--dynamic', binary);
  const symbols = read('--dyn-syms', binary);
  const shown = all(symbols, /(?:GLOBAL|WEAK)\s+(?:DEFAULT|PROTECTED)\s+(?!UND)\S+\s+([^\s@]+)/g).filter(
    (name) => !/^(napi_register_module_v1|node_api_module_get_api_version_v1|signet_sqlite_holds_v1)$/.test(name),
  );
  const foreign = all(dynamic, /\(NEEDED\).*\[(.+)\]/g).filter((name) => !target.libraries.includes(name));
  const glibc = all(read('--version-info', binary), /GLIBC_([\d.]+)/g).filter((version) =>
    newer(version, target.glibc ?? '0'),
  );
  const asked = all(symbols, /\sUND\s+([^\s@]+)/g);
  const own = (target.fromLibc ?? []).filter((name) => !asked.includes(name));
  return [
    ...(shown.length > 0 ? [`it shows ${shown.slice(0, 5).join(', ')}`] : []),
    ...(foreign.length > 0 ? [`it needs ${foreign.join(', ')}`] : []),
    ...(glibc.length > 0 ? [`it needs glibc ${glibc.join(', ')}`] : []),
    ...(own.length > 0 ? [`it has a ${own.join(', ')} of its own`] : []),
    ...(/TEXTREL/.test(dynamic) ? ['it has text relocations'] : []),
    ...(/RPATH|RUNPATH/.test(dynamic) ? ['it has a search path of this machine'] : []),
    ...['NODELETE', 'NOW'].filter((flag) => !dynamic.includes(flag)).map((flag) => `it lacks -z ${flag.toLowerCase()}`),
  ];
}

module.exports = { faults };
