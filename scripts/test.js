'use strict';
// `npm test`: makes this machine ready, then runs every suite in order and adds up what they count.
// The last line is "N passed, N failed" or "N passed, N failed, N skipped"; the exit code is 1 where anything failed.
//   npm test -- c js        only these suites

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { step, hasProgram } = require('./console.js');
const { setup, ROOT } = require('./setup.js');
const { pkgConfig } = require('./native-flags.js');

const CI = Boolean(process.env.CI);

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/**
 * Runs a command with its output shown, and returns that output too.
 * @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function runShown(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const show = (stream) => (chunk) => {
      output += chunk;
      stream.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', show(process.stdout));
    child.stderr.setEncoding('utf8').on('data', show(process.stderr));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Adds up a pattern's first group over a text. @param {string} text @param {RegExp} pattern */
const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

/** A suite that ended badly without counting a failure (a crash, a compile error) is one failure. */
const withExit = (count, code) => (code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count);

/** @param {string} target of the Makefile */
const cmocka = (target) => async (env) => {
  const { code, output } = await runShown('make', ['--no-print-directory', target], env);
  return withExit({
    passed: sum(output, /^\[ {2}PASSED {2}\] (\d+) test/gm),
    failed: sum(output, /^\[ {2}FAILED {2}\] (?:.*: )?(\d+) test\(s\)/gm),
    skipped: sum(output, /^\[ {2}SKIPPED \] (?:.*: )?(\d+) test\(s\)/gm),
  }, code);
};

/** @param {(name: string) => boolean} wanted which files of test/ */
const mocha = (wanted) => async (env) => {
  const files = fs.readdirSync(path.join(ROOT, 'test')).filter((name) => /^\d\d\..*\.js$/.test(name) && wanted(name)).sort();
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const bin = path.join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const { code, output } = await runShown(process.execPath, [bin, '--no-color', ...files.map((name) => `test/${name}`)], env);
  return withExit({
    passed: sum(output, /^ {2}(\d+) passing/gm),
    failed: sum(output, /^ {2}(\d+) failing/gm),
    skipped: sum(output, /^ {2}(\d+) pending/gm),
  }, code);
};

const isBrowserTest = (name) => /^8\d\./.test(name);
const needsC = () => (pkgConfig('--exists', 'cmocka') === null ? 'cmocka is missing: apt-get install libcmocka-dev libssl-dev' : null);

/** In running order. `missing` says why a suite cannot run here and the command that mends it, or null. */
const SUITES = [
  { name: 'c', title: 'the C library (cmocka)', missing: needsC, run: cmocka('check') },
  {
    name: 'valgrind', title: 'the C library under valgrind',
    missing: () => needsC() ?? (hasProgram('valgrind') ? null : 'valgrind is missing: apt-get install valgrind'), run: cmocka('valgrind'),
  },
  { name: 'threads', title: "the addon's threads and queues under ThreadSanitizer", missing: needsC, run: cmocka('tsan') },
  { name: 'js', title: 'JavaScript (mocha), on SQLite and MongoDB', missing: () => null, run: mocha((name) => !isBrowserTest(name)) },
  {
    name: 'browser', title: 'the browser (Chromium)',
    missing: () => (fs.existsSync('/usr/bin/chromium') ? null : 'Chromium is missing: apt-get install chromium'), run: mocha(isBrowserTest),
  },
];

/** The test server's addresses, as environment variables, or null with the reason printed. */
function startMongo() {
  if (process.env.MONGODB_URI) return { env: {}, stop: () => {} };
  const script = path.join(__dirname, 'mongo-server.js');
  step('starting the MongoDB-speaking test server (made once, under .cache/; the first time takes some minutes)');
  const up = spawnSync(process.execPath, [script, 'up', '--auth', '--tls'], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  const found = Object.fromEntries([...(up.stdout ?? '').matchAll(/^(MONGODB_\w+)=(.+)$/gm)].map(([, name, value]) => [name, value]));
  if (found.MONGODB_URI) return { env: found, stop: () => spawnSync(process.execPath, [script, 'down'], { stdio: 'ignore' }) };
  step(`skipped: the tests on MongoDB. ${(up.stderr || up.stdout || String(up.error)).trim()}`);
  return null;
}

/** @param {string[]} names the suites to run; all where empty */
async function main(names) {
  setup('test');
  const chosen = SUITES.filter((suite) => names.length === 0 || names.includes(suite.name));
  const mongo = startMongo();
  const total = { passed: 0, failed: 0, skipped: 0 };
  if (!mongo) total[CI ? 'failed' : 'skipped'] += 1;
  const env = { ...process.env, ...mongo?.env };
  try {
    for (const suite of chosen) {
      const reason = suite.missing();
      step(reason ? `skipped: ${suite.title}. ${reason}` : suite.title);
      const count = reason ? { passed: 0, failed: CI ? 1 : 0, skipped: CI ? 0 : 1 } : await suite.run(env);
      for (const key of Object.keys(total)) total[key] += count[key];
    }
  } finally {
    mongo?.stop();
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

main(process.argv.slice(2)).catch((err) => {
  console.error(err.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
