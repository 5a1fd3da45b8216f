'use strict';
// A build from source without mongo-c-driver: everything except MongoDB works, and the error says what is missing.
const assert = require('node:assert');
const { execFileSync, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const { nodeDir } = require('../scripts/setup');

const ROOT = path.join(__dirname, '..');
const FOLDER = path.join(ROOT, '.cache', 'without-mongoc');
const COPIED = ['native/binding.gyp', 'native/build.js', 'package.json', 'include', 'lib', 'scripts', 'src', 'test'];

function filesUnder(place) {
  const at = path.join(ROOT, place);
  if (!fs.statSync(at).isDirectory()) return [place];
  return fs
    .readdirSync(at)
    .sort()
    .flatMap((name) => filesUnder(path.join(place, name)));
}

/** What the build is made of: where it has not changed since the last time, it need not be made again. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  for (const file of ['native/binding.gyp', 'include', 'src', 'scripts/native-flags.js'].flatMap(filesUnder))
    hash.update(file).update(fs.readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}

const env = { ...process.env, SIGNET_NO_MONGOC: '1' };
delete env.MONGODB_URI;

function build() {
  const stamp = path.join(FOLDER, 'native', 'build', 'made-of');
  const wanted = fingerprint();
  const isMade = fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted;
  for (const place of COPIED) {
    fs.rmSync(path.join(FOLDER, place), { recursive: true, force: true });
    fs.cpSync(path.join(ROOT, place), path.join(FOLDER, place), {
      recursive: true,
      filter: (source) => path.basename(source) !== 'node_modules',
    });
  }
  for (const place of ['node_modules', 'test/node_modules']) {
    if (!fs.existsSync(path.join(FOLDER, place))) fs.symlinkSync(path.join(ROOT, place), path.join(FOLDER, place));
  }
  if (isMade) return;
  const gyp = path.join(ROOT, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [gyp, 'rebuild', ...nodeDir(), '--jobs=2'], {
    cwd: path.join(FOLDER, 'native'),
    env,
    encoding: 'utf8',
  });
  assert.strictEqual(status, 0, `${stdout}\n${stderr}`);
  fs.writeFileSync(stamp, wanted);
}

describe('A build without mongo-c-driver', function suite() {
  before(function makes() {
    this.timeout(300_000);
    fs.mkdirSync(FOLDER, { recursive: true });
    build();
  });

  it('needs no MongoDB library', () => {
    const needed = execFileSync('ldd', [path.join(FOLDER, 'native', 'build', 'Release', 'signet.node')], {
      encoding: 'utf8',
    });
    assert.ok(!/mongoc|bson/.test(needed), needed);
  });

  it('passes the tests of sessions on SQLite', function runs() {
    this.timeout(120_000);
    const mocha = path.join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
    const files = fs
      .readdirSync(path.join(FOLDER, 'test'))
      .filter((name) => /^3\d\./.test(name))
      .map((name) => `test/${name}`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [mocha, '--reporter', 'dot', ...files], {
      cwd: FOLDER,
      env,
      encoding: 'utf8',
    });
    assert.strictEqual(status, 0, `${stdout}\n${stderr}`);
    assert.ok(Number(/(\d+) passing/.exec(stdout)[1]) > 100, stdout);
  });

  it('says what to install for a mongodb:// store', () => {
    const script = `
      const { createAuth } = require('.');
      const secrets = { accessSecret: 'a'.repeat(40) + '1', refreshSecret: 'b'.repeat(40) + '2' };
      const auth = createAuth({ ...secrets, store: 'mongodb://localhost/app' });
      auth.ready().catch(({ code, status, message }) => console.log(JSON.stringify({ code, status, message })))
        .then(() => auth.close());`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: FOLDER, env, encoding: 'utf8' });
    const { code, status, message } = JSON.parse(stdout || JSON.stringify({ message: stderr }));
    assert.strictEqual(code, 'ERR_STORE_UNAVAILABLE', stderr);
    assert.strictEqual(status, 503);
    assert.match(message, /apt-get install libmongoc-dev/);
    assert.match(message, /npx signet-jwt build/);
  });
});
