'use strict';
// The compiler: Zig's clang includes the headers and stubs of every libc it targets, so one machine can build for all.

const fs = require('node:fs');
const path = require('node:path');
const { step, run } = require('../console.js');

const ZIG = '0.17.1';
// SHA-256 of its wheels for Linux, x64 and arm64.
const WHEELS = [
  'ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54',
  'b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e',
];

/**
 * Installs Zig once, in a Python environment under the cache.
 * @param {string} cache
 * @returns {string} the path of the program
 */
function zig(cache) {
  const folder = path.join(cache, `zig-${ZIG}`);
  const python = path.join(folder, 'bin', 'python3');
  const stamp = path.join(folder, 'program');
  if (!fs.existsSync(stamp)) {
    step(`installing Zig ${ZIG}`);
    run('python3', ['-m', 'venv', folder]); // without it: apt-get install python3-venv
    const requirements = path.join(folder, 'requirements.txt'); // the only place where pip takes digests
    fs.writeFileSync(requirements, `ziglang==${ZIG} ${WHEELS.map((digest) => `--hash=sha256:${digest}`).join(' ')}\n`);
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements]);
    const program = run(
      python,
      ['-c', 'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "zig"), end="")'],
      { stdio: 'pipe' },
    );
    fs.writeFileSync(stamp, program);
  }
  process.env.ZIG_GLOBAL_CACHE_DIR = path.join(cache, 'zig-cache');
  process.env.ZIG_LOCAL_CACHE_DIR = path.join(cache, 'zig-cache');
  return fs.readFileSync(stamp, 'utf8');
}

module.exports = { ZIG, zig };
