'use strict';
// Answers the questions of native/binding.gyp about this machine, with paths from the current folder:
//   node ../scripts/native-flags.js sources|includes|defines|libraries
// SQLite is linked statically, with hidden symbols, so that it cannot clash with another SQLite in the process.
// mongo-c-driver is optional: without it the addon builds, and a mongodb:// store fails with what to install.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const SOURCE_FOLDERS = ['src/core', 'src/session', 'src/store', 'src/node'];
// by process.platform; anything else that Node runs on is taken for a POSIX system like Linux
const PLATFORM_SOURCES = { win32: ['windows.c'], darwin: ['posix.c', 'darwin.c'], linux: ['posix.c', 'linux.c'] };

function pkgConfig(...args) {
  try {
    return execFileSync('pkg-config', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

function mongoPackage() {
  if (process.env.SIGNET_NO_MONGOC) return null;
  return ['mongoc2', 'libmongoc-1.0'].find((name) => pkgConfig('--exists', name) !== null) ?? null;
}

/** The pinned SQLite built by scripts/sqlite.js; null in a user's build from source, which uses the system's. */
function pinnedSqlite() {
  const folder = process.env.SIGNET_SQLITE ?? path.join(root, '.cache', 'sqlite');
  return fs.existsSync(path.join(folder, 'libsqlite3.a')) ? folder : null;
}

function sqliteLibrary() {
  const pinned = pinnedSqlite();
  if (pinned) return path.join(pinned, 'libsqlite3.a');
  const folder = pkgConfig('--variable=libdir', 'sqlite3');
  const archive = folder && path.join(folder, 'libsqlite3.a');
  return archive && fs.existsSync(archive) ? archive : '-lsqlite3';
}

const words = (text) => (text ? text.split(/\s+/) : []);

/** The C and C++ files of the addon, by paths from the package's folder. */
const sources = (platform = process.platform) => [
  ...SOURCE_FOLDERS.flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder))
      .filter((name) => /\.(c|cc)$/.test(name))
      .map((name) => `${folder}/${name}`)
      .sort(),
  ),
  ...(PLATFORM_SOURCES[platform] ?? PLATFORM_SOURCES.linux).map((name) => `src/platform/${name}`),
];

const answers = {
  sources: () => sources().map((file) => path.relative('', path.join(root, file)).replaceAll('\\', '/')),
  includes: () => {
    const pinned = pinnedSqlite();
    const packages = [pinned ? null : 'sqlite3', mongoPackage()].filter(Boolean);
    return [
      ...(pinned ? [pinned] : []),
      ...packages.flatMap((name) => words(pkgConfig('--cflags-only-I', name))).map((flag) => flag.slice(2)),
    ];
  },
  defines: () => (mongoPackage() ? ['SIGNET_WITH_MONGOC=1'] : []),
  libraries: () => [sqliteLibrary(), ...(mongoPackage() ? words(pkgConfig('--libs', mongoPackage())) : []), '-lm'],
};

if (require.main === module) console.log(answers[process.argv[2]]().join('\n'));

module.exports = { mongoPackage, pkgConfig, sources };
