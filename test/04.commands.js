'use strict';
// `npm test` as a command: its arguments and output; and the progress lines of long steps.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { hasPackages } = require('../scripts/setup');

const ROOT = path.join(__dirname, '..');
const node = (args, env = {}) =>
  spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env } });
const SUITES = ['c', 'valgrind', 'threads', 'js', 'browser'];

describe('04 npm test', () => {
  it('--help names every suite and builds nothing', () => {
    const { status, stdout, stderr } = node(['scripts/test.js', '--help']);
    assert.deepStrictEqual([status, stderr], [0, '']);
    for (const suite of SUITES) assert.match(stdout, new RegExp(`^  ${suite} `, 'm'));
    assert.doesNotMatch(stdout, /\[signet|passed/);
  });

  for (const names of [['nonsense'], ['c', 'nonsense'], ['99'], ['--nonsense'], ['test/'], ['']]) {
    it(`fails for ${JSON.stringify(names)} with the names that exist, and runs and builds nothing`, () => {
      const { status, stdout, stderr } = node(['scripts/test.js', ...names]);
      assert.deepStrictEqual([status, stdout], [1, '0 passed, 1 failed\n']);
      assert.ok(stderr.startsWith(`"${names.at(-1).replace('test/', '')}": no suite and no file of test/`), stderr);
      for (const suite of SUITES) assert.match(stderr, new RegExp(`^  ${suite} `, 'm'));
    });
  }

  it('says of each suite how long it took and what it counted, then the sum', () => {
    const run = `require('./scripts/test.js').main(['02'], async () => {})`; // without the set-up
    const { status, stdout, stderr } = node(['-e', run], { MONGODB_URI: 'mongodb://127.0.0.1:1/not-asked' });
    assert.strictEqual(status, 0, stdout + stderr);
    assert.match(stdout, /\n\nsuite files: \d+ s, (\d+ passed, 0 failed)\n\1\n$/);
  });

  for (const name of ['02', '02.errors', 'test/02.errors.js', './test/02.errors.js']) {
    it(`${name} runs that file alone`, () => {
      // what main does after the set-up, which would install packages under a running test
      const run = `require('./scripts/test.js').choose(['${name}'])[0].run(process.env)
        .then((count) => console.log(JSON.stringify(count)))`;
      const { status, stdout, stderr } = node(['-e', run]);
      assert.strictEqual(status, 0, stdout + stderr);
      assert.match(stdout, /^\s*02 errors\n[^]*\n\{"passed":\d+,"failed":0,"skipped":0\}\n$/);
    });
  }
});

describe('04 the packages that are installed', () => {
  let folder;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-packages-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /**
   * A folder whose package.json wants `a`, and `b` for its developers, and in which npm has installed `names` `age`
   * seconds ago.
   */
  function install(names, age = 0) {
    const write = (file, content) => fs.writeFileSync(path.join(folder, file), JSON.stringify(content));
    fs.mkdirSync(path.join(folder, 'node_modules'));
    write('package.json', { dependencies: { a: '1' }, devDependencies: { b: '1' } });
    write('package-lock.json', {});
    write('node_modules/.package-lock.json', {
      packages: Object.fromEntries(names.map((name) => [`node_modules/${name}`, {}])),
    });
    const time = Date.now() / 1000;
    fs.utimesSync(path.join(folder, 'package-lock.json'), time - 60, time - 60);
    fs.utimesSync(path.join(folder, 'node_modules/.package-lock.json'), time - age, time - age);
  }

  it("need not include the developers' to start the app", () => {
    install(['a']);
    assert.deepStrictEqual([hasPackages(folder, false), hasPackages(folder, true)], [true, false]);
  });

  it("include the developers' to test, also after a start", () => {
    install(['a', 'b']);
    assert.deepStrictEqual([hasPackages(folder, false), hasPackages(folder, true)], [true, true]);
  });

  it('are out of date if the lock file is newer', () => {
    install(['a', 'b'], 120);
    assert.deepStrictEqual([hasPackages(folder, false), hasPackages(folder, true)], [false, false]);
  });

  it('are few for the project itself: what only tests load is in test/package.json', () => {
    const { packages } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
    const ofStart = Object.entries(packages).filter(
      ([name, { dev, devOptional, optional, peer }]) => name && !(dev || devOptional || optional || peer),
    );
    assert.deepStrictEqual(
      ofStart.map(([name]) => name),
      ['node_modules/cookie', 'node_modules/ms', 'node_modules/node-addon-api'],
    );
    assert.ok(Object.keys(packages).length < 250, `${Object.keys(packages).length} packages`);
  });
});

describe('04 what takes long', () => {
  const runLong = (script) =>
    node([
      '-e',
      `require('./scripts/console.js')
    .runLong('making it (an hour)', process.execPath, ['-e', ${JSON.stringify(script)}], { everyMs: 20 })
    .then((output) => console.log('done:', output), (err) => console.log('failed:', err.message))`,
    ]).stdout;

  it('reports its progress repeatedly', () => {
    // ends when its own reader has had time for some lines: no figure of a clock is judged
    const told = runLong('console.log("part 1"); setTimeout(() => console.log("part 2"), 1000)').split('\n');
    assert.match(told[0], /^\[signet \d+\.\d s\] making it \(an hour\)$/);
    assert.ok(
      told.some((line) => /\] {3}still making it: part 1$/.test(line)),
      told.join('\n'),
    );
    assert.deepStrictEqual(told.slice(-4), ['done: part 1', 'part 2', '', '']);
  });

  it('shows its whole output if it fails', () => {
    assert.match(runLong('console.log("the reason"); process.exit(3)'), /failed: .*: exit code 3\nthe reason/);
  });
});
