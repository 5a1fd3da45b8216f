'use strict';
// Makes the suite runnable: the peers from npm, the floors and the product's addon built. Built-in modules only.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const bench = path.join(__dirname, '..');
const root = path.join(bench, '..');
const floors = path.join(bench, 'floors');

function run(what, command, args, cwd) {
  console.log(`bench: ${what}`);
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')} failed in ${path.relative(root, cwd) || '.'}: ${error?.message ?? `exit ${status}`}`);
}

const modified = (file) => (fs.existsSync(file) ? fs.statSync(file).mtimeMs : 0);

function floorsAreOutOfDate() {
  const built = modified(path.join(floors, 'build', 'Release', 'floors.node'));
  return fs.readdirSync(floors).filter((name) => /\.(c|h|gyp)$/.test(name)).some((name) => modified(path.join(floors, name)) > built);
}

// Node's own headers where it was installed with them, so that node-gyp downloads none.
function headers() {
  const prefix = path.join(path.dirname(process.execPath), '..');
  return fs.existsSync(path.join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

function ensure() {
  if (!fs.existsSync(path.join(root, 'node_modules'))) run('installing the package', 'npm', ['ci', '--ignore-scripts'], root);
  const installed = path.join(bench, 'node_modules', '.package-lock.json');
  if (modified(installed) < modified(path.join(bench, 'package-lock.json'))) {
    run('installing the peers', 'npm', ['install', '--ignore-scripts', '--no-save'], bench);
    fs.utimesSync(installed, new Date(), new Date()); // npm leaves it as it is where there was nothing to do
  }
  const gyp = path.join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  if (floorsAreOutOfDate()) run('building the floors', process.execPath, [gyp, 'rebuild', '--silent', ...headers()], floors);
  if (!fs.existsSync(path.join(root, 'build', 'Release', 'signet.node')))
    run('building the addon', process.execPath, [gyp, 'rebuild', '--silent', '--jobs', '2', ...headers()], root);
}

module.exports = { ensure };
