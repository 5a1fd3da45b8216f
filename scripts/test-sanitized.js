'use strict';
// Runs tests on an addon built with AddressSanitizer and UndefinedBehaviorSanitizer, in a copy of the checkout; a
// finding ends the process:
//   node scripts/test-sanitized.js test/1[0-8]*.js test/30*.js …
// Leaks are not checked, since Node and V8 have their own: the C tests and valgrind do that.

const { execFileSync } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');
const { run } = require('./console.js');
const { nodeDir } = require('./setup.js');
const { CACHE } = require('./sqlite.js');
const { copyCheckout, testOn } = require('./test-on-node.js');

const ROOT = path.join(__dirname, '..');
const COPY = path.join(ROOT, '.cache', 'sanitized');
const SANITIZED = '-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g1 -O1';

/** The path of the compiler's AddressSanitizer, which must be the first library of the process. */
const library = () => execFileSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();

copyCheckout(COPY);
const gyp = path.join(ROOT, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
run(process.execPath, [gyp, 'rebuild', '--silent', ...nodeDir(), `--jobs=${os.availableParallelism()}`], {
  cwd: path.join(COPY, 'native'),
  env: { ...process.env, CFLAGS: SANITIZED, CXXFLAGS: SANITIZED, LDFLAGS: SANITIZED, SIGNET_SQLITE: CACHE },
});
process.exitCode = testOn(process.execPath, process.argv.slice(2), COPY, {
  ...process.env,
  LD_PRELOAD: library(),
  ASAN_OPTIONS: 'detect_leaks=0',
  UBSAN_OPTIONS: 'print_stacktrace=1',
});
