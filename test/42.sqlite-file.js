'use strict';
const assert = require('node:assert');
const { execFile, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { createAuth } = require('..');
const { SECRETS, listen, namesOf, refusedWith, withBench } = require('./support/auth');
const { STORES, newFolder, remove } = require('./support/stores');
const { IS_WINDOWS } = require('./support/system');

const run = promisify(execFile);
const ROOT = path.join(__dirname, '..');

/** A folder for each test of the describe(). */
function withFolder() {
  let folder;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => remove(folder));
  return (...names) => path.join(folder, ...names);
}

describe('The file of a store that is deleted or replaced while it is open (SQLite)', () => {
  const bench = withBench(STORES[0]);

  if (IS_WINDOWS) {
    it('is neither on Windows, which refuses it as long as the file is open', async () => {
      const auth = bench().open();
      const { refreshToken } = await auth.login('7');
      const { store } = bench().place;
      assert.throws(() => fs.rmSync(store), { code: /^(EBUSY|EPERM)$/ });
      assert.throws(() => fs.renameSync(store, `${store}.old`), { code: /^(EBUSY|EPERM)$/ });
      await auth.rotateRefresh(refreshToken);
      await auth.close();
      fs.rmSync(store);
    });
    return;
  }

  it('is noticed before anything is acknowledged, and the store reopens', async () => {
    const auth = bench().open();
    const { refreshToken } = await auth.login('7');
    fs.rmSync(bench().place.store);
    const error = await refusedWith('ERR_STORE_UNAVAILABLE', auth.rotateRefresh(refreshToken));
    assert.match(
      error.message,
      /nothing has changed.*the file was deleted or replaced while it was open: it is opened anew/,
    );
    const heard = listen(auth);
    await refusedWith('ERR_SESSION_UNKNOWN', auth.rotateRefresh(refreshToken));
    assert.deepStrictEqual(namesOf(heard), []); // of the first generation: it may have been purged as well
    const again = await auth.login('7');
    await auth.close();
    await bench().open().rotateRefresh(again.refreshToken);
  });

  it('is noticed by calls that only read', async () => {
    const auth = bench().open();
    await auth.login('7');
    fs.rmSync(bench().place.store);
    await refusedWith('ERR_STORE_UNAVAILABLE', auth.sessions('7'));
    assert.deepStrictEqual(await auth.sessions('7'), []);
  });
});

describe('auth.restore (SQLite)', () => {
  const bench = withBench(STORES[0]);
  const at = withFolder();

  it('restores a backup for every auth on the file, and reports newer tokens as rollback', async () => {
    const auth = bench().open();
    const other = bench().open();
    const first = await auth.login('7');
    const second = await auth.rotateRefresh(first.refreshToken);
    await auth.backup(at('copy.db'));
    const third = await auth.rotateRefresh(second.refreshToken);
    const later = await other.login('8');
    const heard = listen(other);
    await auth.restore(at('copy.db'));
    assert.deepStrictEqual(fs.readdirSync(at('.')), ['copy.db']);
    await refusedWith('ERR_SESSION_UNKNOWN', other.rotateRefresh(later.refreshToken));
    await refusedWith('ERR_SESSION_UNKNOWN', other.rotateRefresh(third.refreshToken));
    assert.deepStrictEqual(namesOf(heard), ['rollback']);
    const next = await other.rotateRefresh(second.refreshToken);
    await auth.rotateRefresh(next.refreshToken);
  });

  it('runs between the calls before and after it', async () => {
    const auth = bench().open();
    await auth.backup(at('empty.db'));
    const before = Array.from({ length: 50 }, () => auth.login('7'));
    const restored = auth.restore(at('empty.db'));
    const after = Array.from({ length: 20 }, () => auth.login('7'));
    await Promise.all([...before, restored, ...after]);
    assert.strictEqual((await auth.sessions('7')).length, 20);
  });

  it('requires a file that backup has written, and changes nothing otherwise', async () => {
    const auth = bench().open();
    await auth.login('7');
    fs.writeFileSync(at('notes.db'), 'not a database, '.repeat(500));
    for (const nothing of [undefined, '', 5, 'a\0b', at('none.db'), at('notes.db'), at('.'), bench().place.store]) {
      await refusedWith('ERR_OPTION', auth.restore(nothing));
    }
    assert.strictEqual((await auth.sessions('7')).length, 1);
  });

  it('works for a store in memory too', async () => {
    const { refreshToken } = await bench().open().login('7');
    await bench().open().backup(at('copy.db'));
    const memory = bench().open({ store: ':memory:' });
    await memory.restore(at('copy.db'));
    await memory.rotateRefresh(refreshToken);
  });
});

describe('The path of a store (SQLite)', () => {
  const at = withFolder();
  const NAMES = ['copia ñ.db', 'sitzungen ß.db'];

  it('may have any characters of Unicode, and spaces: the file, its backup and what restore reads', async () => {
    const folder = at('übung ñ', '日本 🔑');
    fs.mkdirSync(folder, { recursive: true });
    const [copy, store] = NAMES.map((name) => path.join(folder, name));
    const auth = createAuth({ ...SECRETS, store });
    const { refreshToken } = await auth.login('7');
    await auth.backup(copy);
    const { refreshToken: newer } = await auth.rotateRefresh(refreshToken);
    await auth.restore(copy);
    await refusedWith('ERR_SESSION_UNKNOWN', auth.rotateRefresh(newer));
    await auth.rotateRefresh(refreshToken);
    await auth.close();
    assert.deepStrictEqual(fs.readdirSync(folder).sort(), NAMES);
  });

  it('names the same file with slashes as with the separators of the system', async () => {
    const [one, two] = [at('sessions.db'), at('sessions.db').replaceAll(path.sep, '/')].map((store) =>
      createAuth({ ...SECRETS, store }),
    );
    const { refreshToken } = await one.login('7');
    await two.rotateRefresh(refreshToken);
    await Promise.all([one.close(), two.close()]);
  });
});

describe('Two copies of the package in one process (SQLite)', () => {
  const at = withFolder();

  /**
   * The package once more, as npm puts it there when two dependents want different versions: another file, loaded
   * again.
   */
  function copyPackage() {
    fs.cpSync(path.join(ROOT, 'lib'), at('copy', 'lib'), { recursive: true });
    const loaded = Object.keys(require.cache).find((name) => path.basename(name) === 'signet.node');
    const binary = path.relative(ROOT, loaded);
    fs.mkdirSync(path.dirname(at('copy', binary)), { recursive: true });
    fs.copyFileSync(path.join(ROOT, binary), at('copy', binary));
    fs.copyFileSync(path.join(ROOT, 'package.json'), at('copy', 'package.json'));
  }

  const script = (text) => {
    copyPackage();
    return run(
      process.execPath,
      [
        '-e',
        `const { Worker } = require('node:worker_threads');
      const ROOT = ${JSON.stringify(ROOT)}, COPY = ${JSON.stringify(at('copy'))};
      const FILE = ${JSON.stringify(at('sessions.db'))};
      const create = (from, store = FILE) => require(from).createAuth({ ...${JSON.stringify(SECRETS)}, store });
      const outcome = (call) => call.then(() => 'ok', (error) => error.code + ': ' + error.message);
      const inWorker = (from) => new Promise((resolve, reject) => {
        const worker = new Worker(\`
          const { createAuth } = require(\${JSON.stringify(from)});
          const { parentPort } = require('node:worker_threads');
          createAuth({ ...${JSON.stringify(SECRETS)}, store: \${JSON.stringify(FILE)} }).login('7')
            .then(() => 'ok', (error) => error.code)
            .then((text) => parentPort.postMessage(text));\`, { eval: true });
        worker.once('message', resolve).once('error', reject);
      });
      (async () => { ${text} })();`,
      ],
      { timeout: 20_000, env: { ...process.env, NODE_PATH: path.join(ROOT, 'node_modules') } },
    );
  };

  if (IS_WINDOWS) {
    it('can have one file open on Windows, where locks belong to a handle, not to the process', async () => {
      const { stdout } = await script(`
        const one = create(ROOT), two = create(COPY);
        let { refreshToken } = await one.login('7');
        for (const auth of [two, one, two]) ({ refreshToken } = await auth.rotateRefresh(refreshToken));
        console.log(await inWorker(COPY), await inWorker(ROOT), (await one.sessions('7')).length);`);
      assert.strictEqual(stdout, 'ok ok 3\n');
    });
    return;
  }

  it('cannot both open one file: the second is refused with the reason until the first has closed it', async () => {
    const { stdout } = await script(`
      const one = create(ROOT), two = create(COPY);
      const { refreshToken } = await one.login('7');
      console.log(await outcome(two.login('7')));
      console.log(await outcome(one.rotateRefresh(refreshToken)));
      await one.close();
      console.log(await outcome(two.login('7')));
      console.log(await outcome(create(ROOT).login('7')));`);
    const lines = stdout.trim().split('\n');
    assert.match(
      lines[0],
      /^ERR_STORE_REFUSED: .*another copy of signet-jwt in this process has the file open.*npm ls signet-jwt/,
    );
    assert.strictEqual(lines[1], 'ok');
    assert.strictEqual(lines[2], 'ok');
    assert.match(lines[3], /^ERR_STORE_REFUSED/);
  });

  it('cannot do so from worker threads either, though one copy can', async () => {
    const { stdout } = await script(`
      const one = create(ROOT);
      await one.ready();
      console.log(await inWorker(ROOT), await inWorker(COPY), await outcome(one.login('7')));`);
    assert.strictEqual(stdout, 'ok ERR_STORE_REFUSED ok\n');
  });

  it('can each have a file, and a store in memory', async () => {
    const { stdout } = await script(`
      console.log(await outcome(create(ROOT).login('7')), await outcome(create(COPY, FILE + '.db').login('7')),
        await outcome(create(ROOT, ':memory:').login('7')), await outcome(create(COPY, ':memory:').login('7')));`);
    assert.strictEqual(stdout, 'ok ok ok ok\n');
  });
});

describe('A full disk (SQLite)', () => {
  /** A file system of 4 MB, or why there is none. */
  function mount(folder) {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'pipe' });
      return null;
    } catch (error) {
      return `no file system of its own can be mounted here: ${String(error.stderr ?? error.message).trim()}`;
    }
  }

  const folder = newFolder();
  const missing = mount(folder);
  after(() => {
    if (!missing) execFileSync('umount', [folder]);
    remove(folder);
  });
  if (missing) {
    it.skip(`skipped: ${missing}`);
    return;
  }

  const open = () => createAuth({ ...SECRETS, store: path.join(folder, 'sessions.db') });
  const fill = () =>
    assert.throws(() => fs.writeFileSync(path.join(folder, 'rest'), Buffer.alloc(8 << 20)), { code: 'ENOSPC' });
  const clear = () => fs.rmSync(path.join(folder, 'rest'));

  it('has its own message, also at a commit: nothing has changed, and ready() says the same', async () => {
    const auth = open();
    const { refreshToken } = await auth.login('7');
    fill();
    for (const call of [() => auth.rotateRefresh(refreshToken), () => auth.login('7'), () => auth.ready()]) {
      const error = await refusedWith('ERR_STORE_UNAVAILABLE', call());
      assert.match(
        error.message,
        /nothing has changed, try again \(SQLite: database or disk is full; free some space on the file's disk\)/,
      );
    }
    assert.strictEqual((await auth.sessions('7')).length, 1);
    clear();
    await auth.ready();
    await auth.rotateRefresh(refreshToken, { strict: true });
    await auth.close();
  });

  it('fails ready() while there is still room for some commits', async () => {
    const auth = open();
    await auth.ready();
    fill();
    fs.truncateSync(path.join(folder, 'rest'), fs.statSync(path.join(folder, 'rest')).size - (512 << 10));
    await auth.login('9');
    const error = await refusedWith('ERR_STORE_UNAVAILABLE', auth.ready());
    assert.match(error.message, /full/);
    clear();
    await auth.ready();
    await auth.close();
  });

  it('has no room for a new file', async () => {
    fill();
    const auth = createAuth({ ...SECRETS, store: path.join(folder, 'new.db') });
    const error = await refusedWith('ERR_STORE_UNAVAILABLE', auth.ready());
    assert.match(error.message, /full/);
    clear();
    await auth.ready();
    await auth.close();
  });
});

describe('auth.restore (MongoDB)', () => {
  const mongo = STORES.find(({ name }) => name === 'MongoDB');
  if (mongo.missing) {
    it.skip(`skipped: ${mongo.missing}`);
    return;
  }
  const bench = withBench(mongo);

  it("is done with the database's own tools", async () => {
    assert.match(
      (await refusedWith('ERR_OPTION', bench().open().restore('copy.db'))).message,
      /mongodb store is backed up and restored with the database's own means/,
    );
  });
});
