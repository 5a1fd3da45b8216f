'use strict';
// Node's binaries for other platforms, from npm: what they export is what an addon may use, and the ones for Windows
// run under Wine (scripts/test-windows.js).

const fs = require('node:fs');
const path = require('node:path');
const { step, run } = require('../console.js');
const { exportsOf } = require('./symbols.js');

/**
 * Fetches one version of a package with Node's binary.
 * @param {string} cache
 * @param {string} name
 * @param {string} version
 * @returns {string} the path of the binary
 */
function nodeOf(cache, name, version) {
  const folder = path.join(cache, 'node', name, version);
  const binary = path.join(folder, 'package', 'bin', name.includes('-win-') ? 'node.exe' : 'node');
  if (!fs.existsSync(binary)) {
    step(`${name} ${version}`);
    const part = `${folder}.part`;
    fs.rmSync(part, { recursive: true, force: true });
    fs.mkdirSync(part, { recursive: true });
    run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', part]);
    const archive = path.join(part, `${name}-${version}.tgz`);
    run('tar', ['-xzf', archive, '-C', part, path.posix.join('package', 'bin', path.basename(binary))]);
    fs.rmSync(archive);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(part, folder);
  }
  return binary;
}

/**
 * What each version of Node that a target's binary must load in exports.
 * @param {string} cache
 * @param {import('./targets').Target} target
 * @returns {Map<string, Set<string>>} by version; empty on Linux, where the linker needs no list
 */
function nodeExports(cache, { platform, nodes }) {
  return new Map(
    (nodes?.versions ?? []).map((version) => {
      const list = path.join(cache, 'node', nodes.name, `${version}.exports`);
      if (!fs.existsSync(list)) {
        const names = exportsOf(nodeOf(cache, nodes.name, version), platform);
        fs.writeFileSync(list, names.join('\n'));
      }
      return [version, new Set(fs.readFileSync(list, 'utf8').split('\n'))];
    }),
  );
}

module.exports = { nodeOf, nodeExports };
