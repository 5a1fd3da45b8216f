'use strict';
// The compiler: Zig's clang includes the headers and stubs of every libc it targets, so one machine can build for all.

const fs = require('node:fs');
const path = require('node:path');
const { step, run } = require('../console.js');

const ZIG = '0.17.1';

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
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `ziglang==${ZIG}`]);
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
