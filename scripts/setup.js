'use strict';
// Prepares a fresh machine for `npm start` and `npm test`: npm packages, system packages, the addon, the example's
// page. Uses built-in modules only, since it runs before anything is installed. A step is repeated only if out of date.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { step, runLong, hasProgram } = require('./console.js');
const { headersPrefix, nodeGyp } = require('../native/build.js');
const { pkgConfig, mongoPackage } = require('./native-flags.js');
const { SQLITE, buildSqlite } = require('./sqlite.js');

const ROOT = path.join(__dirname, '..');
const EXAMPLE = path.join(ROOT, 'examples', 'mern');
const TEST = path.join(ROOT, 'test');

/**
 * What the system must have. `needs`: the commands that require it; `optional`: what to print if it is missing, since
 * everything else works without it.
 * @type {{ name: string, debian: string, present: () => boolean, needs: ('start' | 'test')[], optional?: string }[]}
 */
const SYSTEM = [
  {
    name: 'a C and C++ compiler',
    debian: 'g++',
    present: () => hasProgram('g++') || hasProgram('c++'),
    needs: ['start', 'test'],
  },
  { name: 'make', debian: 'make', present: () => hasProgram('make'), needs: ['start', 'test'] },
  {
    name: 'Python 3 (for node-gyp)',
    debian: 'python3',
    present: () => hasProgram('python3'),
    needs: ['start', 'test'],
  },
  { name: 'pkg-config', debian: 'pkg-config', present: () => hasProgram('pkg-config'), needs: ['start', 'test'] },
  {
    name: 'mongo-c-driver',
    debian: 'libmongoc-dev',
    present: () => mongoPackage() !== null,
    needs: ['start', 'test'],
    optional: 'mongodb:// stores: the embedded store works without it',
  },
  {
    name: 'OpenSSL headers',
    debian: 'libssl-dev',
    present: () => pkgConfig('--exists', 'openssl') !== null,
    needs: ['test'],
    optional: 'the C tests',
  },
  {
    name: 'cmocka',
    debian: 'libcmocka-dev',
    present: () => pkgConfig('--exists', 'cmocka') !== null,
    needs: ['test'],
    optional: 'the C tests',
  },
  {
    name: 'valgrind',
    debian: 'valgrind',
    present: () => hasProgram('valgrind'),
    needs: ['test'],
    optional: 'the C tests under valgrind',
  },
  {
    name: 'Chromium',
    debian: 'chromium',
    present: () => fs.existsSync('/usr/bin/chromium'),
    needs: ['test'],
    optional: 'the tests in Chromium',
  },
  {
    name: 'Firefox',
    debian: 'firefox-esr',
    present: () => fs.existsSync('/usr/bin/firefox-esr'),
    needs: ['test'],
    optional: 'the tests in Firefox',
  },
  {
    name: 'WebKit',
    debian: 'webkit2gtk-driver libwebkit2gtk-4.1-0 xvfb',
    present: () => hasProgram('WebKitWebDriver') && hasProgram('Xvfb'),
    needs: ['test'],
    optional: 'the tests in WebKit',
  },
];

/** Newest modification time under the given files and folders, in ms; 0 if there is none. @param {string[]} places */
function newestMtime(places) {
  let newest = 0;
  for (const place of places) {
    if (!fs.existsSync(place)) continue;
    const stat = fs.statSync(place);
    if (!stat.isDirectory()) newest = Math.max(newest, stat.mtimeMs);
    else
      newest = Math.max(
        newest,
        newestMtime(
          fs
            .readdirSync(place)
            .filter((name) => name !== 'node_modules')
            .map((name) => path.join(place, name)),
        ),
      );
  }
  return newest;
}

/**
 * Whether the packages of a folder's package.json are installed as in its lock file.
 * @param {string} folder
 * @param {boolean} dev
 */
function hasPackages(folder, dev) {
  const installed = path.join(folder, 'node_modules', '.package-lock.json');
  if (newestMtime([installed]) < newestMtime([path.join(folder, 'package-lock.json')])) return false;
  const { dependencies, devDependencies } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const { packages } = JSON.parse(fs.readFileSync(installed, 'utf8'));
  return Object.keys({ ...dependencies, ...(dev && devDependencies) }).every(
    (name) => packages[`node_modules/${name}`],
  );
}

/**
 * Runs `npm ci` in a folder if its packages differ from its lock file.
 * @param {string} folder
 * @param {{ dev?: boolean }} [options] dev: those of devDependencies too, whatever NODE_ENV says
 */
async function installPackages(folder, { dev = true } = {}) {
  if (hasPackages(folder, dev)) return;
  const installed = path.join(folder, 'node_modules', '.package-lock.json');
  const name = path.relative(ROOT, folder) || 'the project';
  const args = ['ci', dev ? '--include=dev' : '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  await runLong(`installing the npm packages of ${name}`, 'npm', args, { cwd: folder });
  fs.utimesSync(installed, new Date(), new Date());
}

function isDebianRoot() {
  return process.getuid?.() === 0 && hasProgram('apt-get');
}

const APT_ENV = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

/** @param {typeof SYSTEM} rows */
function aptInstall(rows) {
  const args = ['install', '--no-install-recommends', '-y', '-q', ...rows.flatMap((row) => row.debian.split(' '))];
  return runLong(`installing them (apt-get ${args.join(' ')})`, 'apt-get', args, { env: APT_ENV });
}

/** @param {'start' | 'test'} purpose */
async function installSystemPackages(purpose) {
  const missing = SYSTEM.filter((row) => row.needs.includes(purpose) && !row.present());
  if (missing.length === 0) return;
  if (isDebianRoot()) {
    step(`missing: ${missing.map((row) => row.name).join(', ')}`);
    await runLong('reading the lists of packages (apt-get update)', 'apt-get', ['update', '-q'], { env: APT_ENV });
    try {
      await aptInstall(missing);
    } catch (err) {
      // A package that this release does not have makes the whole command fail.
      step(`one by one, since that failed: ${err.message.match(/^E: .*$/m)?.[0] ?? err.message.split('\n')[0]}`);
      for (const row of missing) await aptInstall([row]).catch(() => {}); // what is still missing is named below
    }
  }
  const still = missing.filter((row) => !row.present());
  for (const row of still.filter((entry) => entry.optional))
    step(`without ${row.name}: ${row.optional}. It is in the package ${row.debian}.`);
  const required = still.filter((row) => !row.optional);
  if (required.length === 0) return;
  const remedy = hasProgram('apt-get')
    ? `sudo apt-get install ${required.map((row) => row.debian).join(' ')}`
    : `install (Debian's names): ${required.map((row) => row.debian).join(' ')}`;
  throw new Error(
    `this machine lacks ${required.map((row) => row.name).join(', ')}.\n` +
      `Run this, then the same command again:\n\n  ${remedy}\n`,
  );
}

/** node-gyp's --nodedir, so that it never downloads headers. */
function nodeDir() {
  const prefix = headersPrefix();
  return prefix ? [`--nodedir=${prefix}`] : [];
}

/**
 * The SQLite of the prebuilt binaries; if npm's registry does not answer, the system's, except in CI, where that is an
 * error.
 */
async function prepareSqlite() {
  try {
    await buildSqlite();
  } catch (err) {
    if (process.env.CI || pkgConfig('--exists', 'sqlite3') === null) throw err;
    step(`SQLite ${SQLITE.version} cannot be had, so the system's is used: ${err.message.split('\n')[0]}`);
  }
}

async function buildAddon() {
  await prepareSqlite();
  const binary = path.join(ROOT, 'native', 'build', 'Release', 'signet.node');
  const stamp = path.join(ROOT, 'native', 'build', '.built-for');
  const wanted = `${process.versions.modules} ${process.arch} ${mongoPackage() ?? 'without mongo-c-driver'}`;
  const inputs = ['src', 'include', 'native/binding.gyp', 'scripts/native-flags.js', '.cache/sqlite/made-of'].map(
    (place) => path.join(ROOT, place),
  );
  const sameMachine = fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted;
  if (sameMachine && newestMtime([binary]) >= newestMtime(inputs)) return;
  const args = [nodeGyp(), 'rebuild', ...nodeDir(), `--jobs=${os.availableParallelism()}`];
  await runLong('building the addon (once; one to two minutes)', process.execPath, args, {
    cwd: path.join(ROOT, 'native'),
  });
  fs.writeFileSync(stamp, wanted);
}

async function buildPage() {
  const built = path.join(EXAMPLE, 'dist', 'index.html');
  const inputs = ['web', 'server/app.js', 'vite.config.mjs', 'package.json']
    .map((place) => path.join(EXAMPLE, place))
    .concat(path.join(ROOT, 'client'));
  if (!fs.existsSync(path.join(EXAMPLE, 'web')) || newestMtime([built]) >= newestMtime(inputs)) return;
  await runLong("building the example's page", 'npm', ['run', 'build'], { cwd: EXAMPLE });
}

/**
 * @param {'start' | 'test'} purpose
 * @returns {Promise<void>} rejects with the command to run if something is missing that this script may not install
 */
async function setup(purpose) {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) throw new Error(`Signet needs Node 20 or later; this is ${process.version}`);
  await installSystemPackages(purpose);
  await installPackages(ROOT, { dev: purpose === 'test' || !nodeGyp() }); // `npm start` can use npm's own node-gyp
  if (purpose === 'test') await installPackages(TEST);
  await buildAddon();
  await installPackages(EXAMPLE);
  await buildPage();
}

module.exports = {
  setup,
  installSystemPackages,
  installPackages,
  hasPackages,
  buildAddon,
  newestMtime,
  nodeDir,
  ROOT,
  EXAMPLE,
};

if (require.main === module) {
  setup(process.argv[2] === 'test' ? 'test' : 'start').catch((err) => {
    console.error(err.message);
    process.exitCode = 1;
  });
}
