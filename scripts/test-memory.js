'use strict';
// Runs test/memory/addon.js on an addon whose allocations fail in turn, in a copy of the checkout:
//   node scripts/test-memory.js
// The C++ library is linked statically, so that its own allocations fail too.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { run } = require('./console.js');
const { nodeDir } = require('./setup.js');
const { copyCheckout, testOn } = require('./test-on-node.js');

const ROOT = path.join(__dirname, '..');
const COPY = path.join(ROOT, '.cache', 'memory');
const FAILING = path.join(ROOT, 'test', 'cc', 'failing_memory.cc');

/** The functions wrapped by the test's source. */
function wrapped() {
  const macros = fs
    .readFileSync(FAILING, 'utf8')
    .matchAll(/^(?:WRAP_(MEMORY|NODE_API)\((\w+),|.* __wrap_(napi_\w+)\()/gm);
  return new Set([...macros].map(([, kind, name, whole]) => whole ?? (kind === 'MEMORY' ? name : `napi_${name}`)));
}

copyCheckout(COPY);
fs.copyFileSync(FAILING, path.join(COPY, 'src', 'node', path.basename(FAILING)));
const gyp = path.join(ROOT, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
const LDFLAGS = ['-static-libstdc++', ...[...wrapped()].map((name) => `-Wl,--wrap=${name}`)].join(' ');
run(process.execPath, [gyp, 'rebuild', '--silent', ...nodeDir(), `--jobs=${os.availableParallelism()}`], {
  cwd: path.join(COPY, 'native'),
  env: { ...process.env, CFLAGS: '-O1', CXXFLAGS: '-O1', LDFLAGS },
});
process.exitCode = testOn(process.execPath, ['--expose-gc', ...process.argv.slice(2), 'test/memory/addon.js'], COPY);
