'use strict';
// Runs tests with the prebuilt binary for Windows on Windows' own node.exe, under Wine, in a copy of the checkout:
//   node scripts/test-windows.js test/1*.js test/30.auth-options.js …
//   node scripts/test-windows.js --node=20 …
// Debian 12's Wine 8 runs Node 20 and 22. MongoDB is reached over loopback if MONGODB_URI is set.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { step, run, hasProgram } = require('./console.js');
const { unfit } = require('./prebuild/made-of.js');
const { nodeOf } = require('./prebuild/nodes.js');
const { TARGETS } = require('./prebuild/targets.js');
const { copyCheckout } = require('./test-on-node.js');

const ROOT = path.join(__dirname, '..');
const TARGET = 'win32-x64';
const CACHE = path.join(ROOT, '.cache', 'prebuild');
const COPY = path.join(CACHE, 'checkout-windows');
const OUTPUT = path.join(CACHE, 'windows.log');

const WINE = {
  ...process.env,
  WINEPREFIX: path.join(CACHE, 'wine'),
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree,mshtml=', // or it offers to download a .NET and a browser
  DISPLAY: '',
};

/** A Windows with nothing installed, once. */
function makeWindows() {
  if (!hasProgram('wine')) throw new Error('wine is not installed: apt-get install wine wine64');
  if (fs.existsSync(path.join(WINE.WINEPREFIX, 'system.reg'))) return;
  step("Wine's folder");
  run('wineboot', ['-i'], { env: WINE });
  run('winecfg', ['-v', 'win10'], { env: WINE });
}

/** @param {string} major */
function nodeExe(major) {
  const { name, versions } = TARGETS[TARGET].nodes;
  const version = versions.find((one) => one.startsWith(`${major}.`));
  if (!version) throw new Error(`no Node ${major}: there are ${versions.join(', ')}`);
  return nodeOf(CACHE, name, version);
}

/**
 * Its output goes to a file, since node.exe cannot write to a pipe of Linux's, and from there to ours.
 * @param {string[]} args
 * @returns {number} the exit code
 */
function onWindows(node, args, folder) {
  const output = fs.openSync(OUTPUT, 'w');
  const { status } = spawnSync('wine', [node, ...args], { cwd: folder, env: WINE, stdio: ['ignore', output, output] });
  fs.closeSync(output);
  process.stdout.write(fs.readFileSync(OUTPUT));
  return status ?? 1;
}

function main(args) {
  const major = args.find((arg) => arg.startsWith('--node='))?.slice('--node='.length) ?? '22';
  const why = unfit(TARGET);
  if (why) throw new Error(why);
  const node = nodeExe(major);
  makeWindows();
  copyCheckout(COPY, ['prebuilds']);
  onWindows(node, ['-p', '[process.platform, process.version, "OpenSSL", process.versions.openssl].join(" ")'], COPY);
  const mocha = path.join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
  return onWindows(node, [mocha, ...args.filter((arg) => !arg.startsWith('--node='))], COPY);
}

process.exitCode = main(process.argv.slice(2));
