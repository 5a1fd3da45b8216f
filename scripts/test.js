'use strict';
// `npm test`: prepares this machine, then runs all suites in order and adds up their counts. The last line is
// "N passed, N failed" or "N passed, N failed, N skipped"; the exit code is 1 if anything failed. See USAGE.

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { step, runLong, hasProgram } = require('./console.js');
const { setup, ROOT } = require('./setup.js');
const { pkgConfig } = require('./native-flags.js');

const JOBS = `-j${os.availableParallelism()}`;
const CI = Boolean(process.env.CI);

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/**
 * Runs a command, shows its output and returns it too.
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

/** Sums a pattern's first group over a text. @param {string} text @param {RegExp} pattern */
const sum = (text, pattern) => [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

/** A suite that failed without counting a failure (a crash, a compile error) counts as one. */
const withExit = (count, code) => (code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count);

/** @param {Count} count */
const inWords = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;

/** @param {string} target of the Makefile; what it builds is built on all cores */
const cmocka = (target) => async (env) => {
  const { code, output } = await runShown('make', ['--no-print-directory', JOBS, target], env);
  return withExit(
    {
      passed: sum(output, /^\[ {2}PASSED {2}\] (\d+) test/gm),
      failed: sum(output, /^\[ {2}FAILED {2}\] (?:.*: )?(\d+) test\(s\)/gm),
      skipped: sum(output, /^\[ {2}SKIPPED \] (?:.*: )?(\d+) test\(s\)/gm),
    },
    code,
  );
};

const FILES = fs
  .readdirSync(path.join(ROOT, 'test'))
  .filter((name) => /^\d\d\..*\.js$/.test(name))
  .sort();

/** @param {string[]} files of test/ */
const mocha = (files) => async (env) => {
  const bin = path.join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const { code, output } = await runShown(
    process.execPath,
    [bin, '--no-color', ...files.map((name) => `test/${name}`)],
    env,
  );
  return withExit(
    {
      passed: sum(output, /^ {2}(\d+) passing/gm),
      failed: sum(output, /^ {2}(\d+) failing/gm),
      skipped: sum(output, /^ {2}(\d+) pending/gm),
    },
    code,
  );
};

const isBrowserTest = (name) => /^8\d\./.test(name);
const needsC = () =>
  pkgConfig('--exists', 'cmocka') === null ? 'cmocka is missing: apt-get install libcmocka-dev libssl-dev' : null;

/**
 * In running order. `mongo`: has tests on MongoDB. `missing` says why a suite cannot run here and the command that
 * fixes it, or null.
 */
const SUITES = [
  { name: 'c', title: 'the C library (cmocka)', missing: needsC, mongo: true, run: cmocka('check') },
  {
    name: 'valgrind',
    title: 'the C library under valgrind',
    missing: () => needsC() ?? (hasProgram('valgrind') ? null : 'valgrind is missing: apt-get install valgrind'),
    mongo: true,
    run: cmocka('valgrind'),
  },
  {
    name: 'threads',
    title: "the addon's threads and queues under ThreadSanitizer",
    missing: needsC,
    run: cmocka('tsan'),
  },
  {
    name: 'js',
    title: 'JavaScript (mocha), on SQLite and MongoDB',
    missing: () => null,
    mongo: true,
    run: mocha(FILES.filter((name) => !isBrowserTest(name))),
  },
  {
    name: 'browser',
    title: 'the browser (Chromium, Firefox, WebKit)',
    missing: () => null, // each engine says it itself
    run: mocha(FILES.filter(isBrowserTest)),
  },
];

const USAGE = `npm test                every suite, in this order
npm test -- c js        only these suites:
${SUITES.map(({ name, title }) => `  ${name.padEnd(10)}${title}`).join('\n')}
npm test -- 62 30.auth  only the files of test/ whose names begin so
npm test -- --help      this text; nothing is built`;

/**
 * The suites that the arguments name, in running order; files that are named form one more suite.
 * @param {string[]} names all suites if empty
 */
function choose(names) {
  if (names.length === 0) return SUITES;
  const suites = SUITES.filter((suite) => names.includes(suite.name));
  const beginnings = names
    .filter((name) => !SUITES.some((suite) => suite.name === name))
    .map((name) => name.replace(/^(\.\/)?test\//, ''));
  const isNamed = (file) => beginnings.some((beginning) => beginning !== '' && file.startsWith(beginning));
  const unknown = beginnings.filter(
    (beginning) => beginning === '' || !FILES.some((file) => file.startsWith(beginning)),
  );
  if (unknown.length > 0)
    throw new Error(`${unknown.map((name) => `"${name}"`).join(', ')}: no suite and no file of test/\n\n${USAGE}`);
  const files = FILES.filter(isNamed);
  return files.length === 0
    ? suites
    : [...suites, { name: 'files', title: files.join(', '), missing: () => null, mongo: true, run: mocha(files) }];
}

/** The test server's addresses as environment variables; null, with the reason printed, if it cannot run. */
async function startMongo() {
  if (process.env.MONGODB_URI) return { env: {}, stop: () => {} };
  const script = path.join(__dirname, 'mongo-server.js');
  const what =
    'starting the MongoDB-speaking test server (made once, under .cache/; the first time takes some minutes)';
  try {
    const output = await runLong(what, process.execPath, [script, 'up', '--auth', '--tls']);
    const env = Object.fromEntries(
      [...output.matchAll(/^(MONGODB_\w+)=(.+)$/gm)].map(([, name, value]) => [name, value]),
    );
    return { env, stop: () => spawnSync(process.execPath, [script, 'down'], { stdio: 'ignore' }) };
  } catch (err) {
    step(`skipped: the tests on MongoDB. ${err.message.trim()}`);
    return null;
  }
}

/** @param {string[]} names as USAGE has it @param {(purpose: 'test') => Promise<void>} [prepare] */
async function main(names, prepare = setup) {
  if (names.includes('--help') || names.includes('-h')) return console.log(USAGE);
  const chosen = choose(names);
  await prepare('test');
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  const needsMongo = chosen.some((suite) => suite.mongo);
  const mongo = needsMongo ? await startMongo() : null;
  if (needsMongo && !mongo) total[CI ? 'failed' : 'skipped'] += 1;
  const env = { ...process.env, ...mongo?.env };
  try {
    for (const suite of chosen) {
      const reason = suite.missing();
      step(reason ? `skipped: ${suite.title}. ${reason}` : suite.title);
      const started = Date.now();
      const count = reason ? { passed: 0, failed: CI ? 1 : 0, skipped: CI ? 0 : 1 } : await suite.run(env);
      for (const key of Object.keys(total)) total[key] += count[key];
      lines.push(`suite ${suite.name}: ${Math.round((Date.now() - started) / 1000)} s, ${inWords(count)}`);
    }
  } finally {
    mongo?.stop();
  }
  console.log(`\n${lines.join('\n')}\n${inWords(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

module.exports = { choose, main };

if (require.main === module) {
  main(process.argv.slice(2)).catch((err) => {
    console.error(err.message);
    console.log('0 passed, 1 failed');
    process.exitCode = 1;
  });
}
