'use strict';
// One version of SQLite for everything that this checkout builds: the amalgamation that the prebuilt binaries contain,
// compiled once to .cache/sqlite. `make`, binding.gyp (scripts/native-flags.js) and the benchmarks' floors use it; if
// it is missing, as in a user's build from source, they use the system's.
//   node scripts/sqlite.js   fetches and compiles it

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { step, run, runLong } = require('./console.js');

const CACHE = path.join(__dirname, '..', '.cache', 'sqlite');

// SQLite's amalgamation as better-sqlite3 ships it: sqlite3.c and sqlite3.h.
const SQLITE = {
  version: '3.54.1',
  carrier: 'better-sqlite3',
  carrierVersion: '13.2.0',
  sha256: '40487589df3496f2ee0079d22b73c63fccebe7db0e8ee9a2c42421861e321e0b',
};

// THREADSAFE and HAVE_* as in Debian's build; the rest removes features that this package does not use.
const DEFINES = [
  'SQLITE_THREADSAFE=1',
  'SQLITE_DQS=0',
  'SQLITE_DEFAULT_MEMSTATUS=0',
  'SQLITE_LIKE_DOESNT_MATCH_BLOBS',
  'SQLITE_OMIT_DEPRECATED',
  'SQLITE_OMIT_LOAD_EXTENSION',
  'SQLITE_OMIT_SHARED_CACHE',
  'SQLITE_OMIT_JSON',
  'SQLITE_TRUSTED_SCHEMA=0',
  'HAVE_FDATASYNC=1',
  'HAVE_USLEEP=1',
  'HAVE_ISNAN=1',
  'HAVE_LOCALTIME_R=1',
  'HAVE_GMTIME_R=1',
];
const FLAGS = ['-O2', '-g1', '-fPIC', '-fvisibility=hidden', '-w', ...DEFINES.map((name) => `-D${name}`)];

/** Throws if a file has another digest than expected. @param {string} file @param {string} expected its SHA-256 */
function verify(file, expected) {
  const found = crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  if (found === expected) return;
  throw Object.assign(new Error(`${path.basename(file)} has the SHA-256 ${found}, expected is ${expected}`), {
    exitCode: 1,
  });
}

/** @param {string} cache @returns {string} the folder with sqlite3.c and sqlite3.h */
function sqliteSource(cache) {
  const name = `${SQLITE.carrier}-${SQLITE.carrierVersion}`;
  const folder = path.join(cache, name);
  if (!fs.existsSync(folder)) {
    step(`SQLite's source, from ${name}`);
    fs.mkdirSync(cache, { recursive: true });
    run('npm', ['pack', `${SQLITE.carrier}@${SQLITE.carrierVersion}`, '--silent', '--pack-destination', cache]);
    const archive = path.join(cache, `${name}.tgz`);
    verify(archive, SQLITE.sha256);
    const part = `${folder}.part`;
    fs.rmSync(part, { recursive: true, force: true });
    fs.mkdirSync(part);
    run('tar', ['-xzf', archive, '-C', part, '--strip-components=3', 'package/deps/sqlite3']);
    fs.renameSync(part, folder);
    fs.rmSync(archive);
  }
  return folder;
}

/** Builds libsqlite3.a and sqlite3.h in .cache/sqlite if they are missing or of other sources or flags. */
async function buildSqlite() {
  const stamp = path.join(CACHE, 'made-of');
  const wanted = JSON.stringify([SQLITE, FLAGS, process.arch]);
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return;
  const source = sqliteSource(CACHE);
  const [object, archive] = ['sqlite3.o', 'libsqlite3.a'].map((name) => path.join(CACHE, name));
  await runLong(`building SQLite ${SQLITE.version} (once)`, process.env.CC ?? 'cc', [
    ...FLAGS,
    '-c',
    path.join(source, 'sqlite3.c'),
    '-o',
    object,
  ]);
  fs.rmSync(archive, { force: true });
  run('ar', ['rcs', archive, object]);
  fs.rmSync(object);
  fs.copyFileSync(path.join(source, 'sqlite3.h'), path.join(CACHE, 'sqlite3.h'));
  fs.writeFileSync(stamp, wanted);
}

module.exports = { CACHE, DEFINES, SQLITE, buildSqlite, sqliteSource, verify };

if (require.main === module) {
  buildSqlite().catch((err) => {
    console.error(err.message);
    process.exitCode = 1;
  });
}
