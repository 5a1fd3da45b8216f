'use strict';
// Runs tests on an addon built with mongo-c-driver 2.x, in a copy of the checkout:
//   node scripts/test-mongoc2.js                      the tests on MongoDB
//   node scripts/test-mongoc2.js test/50*.js …
// The driver is Debian forky's, installed in the test server's folder (scripts/mongo-server), never in the system. It
// needs a newer libc than this machine's, so the tests run in that folder too, with this machine's Node.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { run, step } = require('./console.js');
const { make } = require('./mongo-server/make.js');
const { root } = require('./mongo-server/paths.js');
const { inside } = require('./mongo-server/shell.js');
const { pkgConfig } = require('./native-flags.js');
const { nodeDir } = require('./setup.js');
const { buildSqlite, CACHE } = require('./sqlite.js');
const { copyCheckout } = require('./test-on-node.js');

const ROOT = path.join(__dirname, '..');
const COPY = path.join(ROOT, '.cache', 'mongoc2');
const NOT_FETCHED = 2;
const PACKAGES = ['libmongoc-dev', 'libstdc++6'];

/** pkg-config answers for the folder, with paths in it. */
function lookInside() {
  const folder = path.join(root, 'usr', 'lib');
  const places = fs.readdirSync(folder).map((name) => path.join(folder, name, 'pkgconfig'));
  process.env.PKG_CONFIG_SYSROOT_DIR = root;
  process.env.PKG_CONFIG_LIBDIR = [...places, path.join(root, 'usr', 'share', 'pkgconfig')].join(':');
}

/** @returns {Promise<string>} the driver's version */
async function installDriver() {
  await make();
  lookInside();
  if (pkgConfig('--exists', 'mongoc2') === null) {
    step(`installing ${PACKAGES.join(' ')} in ${path.relative(ROOT, root)}`);
    const apt = 'apt-get -q -o APT::Sandbox::User=root';
    const script = `${apt} update && ${apt} -y install --no-install-recommends ${PACKAGES.join(' ')} && apt-get clean`;
    run(
      ...inside(
        root,
        'env',
        'DEBIAN_FRONTEND=noninteractive',
        'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
        'sh',
        '-c',
        script,
      ),
    );
  }
  return pkgConfig('--modversion', 'mongoc2');
}

function buildAddon() {
  copyCheckout(COPY);
  const gyp = path.join(ROOT, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  run(process.execPath, [gyp, 'rebuild', '--silent', ...nodeDir(), `--jobs=${os.availableParallelism()}`], {
    cwd: path.join(COPY, 'native'),
    env: { ...process.env, SIGNET_SQLITE: CACHE },
  });
  run('make', ['--no-print-directory', '-s', 'build/c/libsignet.a'], { cwd: COPY }); // a warning is an error here
}

/** A program in the folder, at the same paths as outside. @param {string[]} command @returns {number} exit code */
function runInside(command) {
  const certificates = process.env.MONGODB_TLS_CA && path.dirname(process.env.MONGODB_TLS_CA);
  const binds = [ROOT, process.execPath, certificates].filter(Boolean).map((place) => {
    const there = path.join(root, place);
    fs.mkdirSync(fs.statSync(place).isDirectory() ? there : path.dirname(there), { recursive: true });
    if (!fs.existsSync(there)) fs.writeFileSync(there, '');
    return `mount --bind '${place}' '${there}' && `;
  });
  const [program, words] = inside(root, 'sh', '-c', `cd '${COPY}' && exec "$@"`, 'sh', ...command);
  const script = words.indexOf('-c') + 1;
  words[script] = binds.join('') + words[script];
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env; // a file that the folder may not have
  return spawnSync(program, words, { stdio: 'inherit', env }).status ?? 1;
}

/** Runs `work` while the test server is up. @param {() => number} work */
function withServer(work) {
  if (process.env.MONGODB_URI) return work();
  const server = path.join(__dirname, 'mongo-server.js');
  const lines = run(process.execPath, [server, 'up', '--auth', '--tls'], { stdio: 'pipe' }).trim().split('\n');
  Object.assign(process.env, Object.fromEntries(lines.map((line) => /^(\w+)=(.*)$/.exec(line).slice(1))));
  try {
    return work();
  } finally {
    run(process.execPath, [server, 'down']);
  }
}

/** @param {string[]} files */
async function main(files) {
  const version = await installDriver().catch((err) => {
    throw Object.assign(err, { exitCode: NOT_FETCHED });
  });
  await buildSqlite();
  step(`building the addon with mongo-c-driver ${version}`);
  buildAddon();
  // test/56* compiles, and the folder has no compiler
  const suites = fs.readdirSync(path.join(ROOT, 'test')).filter((name) => /^5[^6]\..*\.js$/.test(name));
  const chosen = files.length > 0 ? files : suites.map((name) => `test/${name}`);
  const mocha = path.join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
  return withServer(() => runInside([process.execPath, mocha, ...chosen]));
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (err) => {
    console.error(err.message);
    process.exitCode = err.exitCode ?? 1;
  },
);
