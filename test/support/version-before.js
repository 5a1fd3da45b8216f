'use strict';
// The version of Signet before idempotency keys, built from the repository's history, in its own process: two copies of
// the addon cannot have the same SQLite file open in one process.

const { execFileSync, fork, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { nodeDir } = require('../../scripts/setup');

const ROOT = path.join(__dirname, '..', '..');
const COMMIT = '684450a6999d928678dd548a66bef57de606de44'; // its stores write records without keyHash and its like
const PARTS = ['binding.gyp', 'client', 'package.json', 'include', 'lib', 'scripts', 'src'];
const FOLDER = path.join(ROOT, '.cache', 'before-keys');

/** Why that version cannot be built, or null. */
function whyNot() {
  const { status } = spawnSync('git', ['cat-file', '-e', `${COMMIT}^{commit}`], { cwd: ROOT });
  return status === 0 ? null : `the history has no commit ${COMMIT}: git fetch --unshallow`;
}

/** Builds it once. */
function build() {
  const stamp = path.join(FOLDER, 'build', 'made-of');
  const wanted = `${COMMIT} ${process.version} ${PARTS}`;
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return;
  fs.rmSync(FOLDER, { recursive: true, force: true });
  fs.mkdirSync(path.join(FOLDER, '.cache'), { recursive: true });
  const archive = execFileSync('git', ['archive', COMMIT, ...PARTS], {
    cwd: ROOT,
    maxBuffer: 1 << 26,
  });
  execFileSync('tar', ['-x', '-C', FOLDER], { input: archive });
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(FOLDER, 'node_modules'));
  const sqlite = path.join(ROOT, '.cache', 'sqlite');
  if (fs.existsSync(sqlite)) fs.symlinkSync(sqlite, path.join(FOLDER, '.cache', 'sqlite'));
  const gyp = path.join(ROOT, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  execFileSync(process.execPath, [gyp, 'rebuild', ...nodeDir(), '--jobs=2'], { cwd: FOLDER, stdio: 'ignore' });
  fs.writeFileSync(stamp, wanted);
}

/**
 * An auth in a process of its own: its methods as promises. `clock()` is its time at each call; undefined: the
 * system's.
 * @param {object} options createAuth's
 * @param {(() => number) | undefined} clock
 * @param {string} folder of the package
 */
async function openAnother(options, clock, folder = ROOT) {
  const order = JSON.stringify({ folder, options, hasClock: clock !== undefined });
  const child = fork(path.join(__dirname, 'version-worker.js'), [order]);
  const calls = new Map();
  let last = 0;
  child.on('message', ({ id, value, code, message }) => {
    const { resolve, reject } = calls.get(id);
    calls.delete(id);
    if (message === undefined) resolve(value);
    else reject(Object.assign(new Error(message), { code }));
  });
  const call = (method, ...args) =>
    new Promise((resolve, reject) => {
      last += 1;
      calls.set(last, { resolve, reject });
      child.send({ id: last, at: clock?.(), method, args });
    });
  const auth = Object.fromEntries(
    ['login', 'rotateRefresh', 'logout', 'revokeAll', 'backup', 'restore', 'ready'].map((name) => [
      name,
      (...args) => call(name, ...args),
    ]),
  );
  auth.close = async () => {
    const exited = new Promise((resolve) => {
      child.on('exit', resolve);
    });
    await call('close');
    child.disconnect();
    await exited;
  };
  await auth.ready();
  return auth;
}

/** An auth of that version. */
const openBefore = (options, clock) => openAnother(options, clock, FOLDER);

/** For a `before` hook: builds that version, or skips the whole suite with the reason printed. */
function needVersionBefore() {
  this.timeout(600_000);
  const why = whyNot();
  if (why) {
    console.log(`      skipped: ${why}`);
    this.skip();
  }
  build();
}

module.exports = { FOLDER, needVersionBefore, openAnother, openBefore };
