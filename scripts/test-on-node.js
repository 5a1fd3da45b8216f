'use strict';
// Runs tests on another version of Node with the addon as built here (N-API's ABI is stable; that Node's OpenSSL is
// another version):
//   node scripts/test-on-node.js 24 test/10.sign.js test/30.auth-options.js …
// The binary comes from npm's package of Node, kept under .cache/node.

const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');

/** @param {string} major @returns {string} the path of that Node */
function nodeBinary(major) {
  const folder = path.join(ROOT, '.cache', 'node', major);
  const binary = path.join(folder, 'package', 'bin', 'node');
  if (!fs.existsSync(binary)) {
    fs.mkdirSync(folder, { recursive: true });
    const name = `node-${process.platform}-${process.arch}@${major}`;
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', name, '--json', '--pack-destination', folder], { encoding: 'utf8' }),
    );
    execFileSync('tar', ['-xzf', path.join(folder, path.basename(filename)), '-C', folder]);
    fs.rmSync(path.join(folder, path.basename(filename)));
  }
  return binary;
}

const LINKED = ['node_modules', 'test/node_modules', 'examples/mern/node_modules', 'bench/node_modules'];
const LEFT_OUT = new Set(['.git', '.cache', 'build', 'node_modules', 'prebuilds']);

/**
 * A copy of the checkout without build output.
 * @param {string} folder
 * @param {string[]} [more] folders to link, besides node_modules
 */
function copyCheckout(folder, more = []) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const name of fs.readdirSync(ROOT).filter((entry) => !LEFT_OUT.has(entry))) {
    fs.cpSync(path.join(ROOT, name), path.join(folder, name), {
      recursive: true,
      filter: (source) => !LEFT_OUT.has(path.basename(source)),
    });
  }
  for (const name of [...LINKED, ...more].filter((place) => fs.existsSync(path.join(ROOT, place)))) {
    fs.symlinkSync(path.join(ROOT, name), path.join(folder, name));
  }
}

/**
 * @param {string} node its path
 * @param {string[]} files
 * @param {string} folder where `files` are
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {number} the exit code
 */
function testOn(node, files, folder, env = process.env) {
  const mocha = path.join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
  console.log(
    execFileSync(node, ['-p', '"Node " + process.version + ", OpenSSL " + process.versions.openssl'], {
      encoding: 'utf8',
    }).trim(),
  );
  return spawnSync(node, [mocha, ...files], { cwd: folder, stdio: 'inherit', env }).status ?? 1;
}

module.exports = { copyCheckout, nodeBinary, testOn };

if (require.main === module) {
  const [major, ...files] = process.argv.slice(2);
  process.exitCode = testOn(nodeBinary(major), files, ROOT);
}
