'use strict';
// The package managers that users install with, pinned. Each is fetched from npm's registry to .cache/installers and
// run by its own path, with a PATH that has no compiler.

const fs = require('node:fs');
const path = require('node:path');
const { run } = require('../console.js');

const NOT_FETCHED = 2;

const CACHE = path.join(__dirname, '..', '..', '.cache', 'installers');
const LOCK_TO_WRITE = ['yarn.lock', '']; // an empty one makes a folder a project of yarn's

/**
 * `cli`: the program, in its package; `install`: its arguments, with no script allowed; `line`: what ERR_PLATFORM must
 * name; `exec`: how its first words are run; `settings`: files of the project; `node`: what Node needs to find
 * packages.
 * @typedef {{ name: string, package: string, cli: string, install: string[], line: string,
 *   exec: [cli: string, ...string[]], settings?: [file: string, text: string][], node?: string[] }} Installer
 */

const npm = (version, ...flags) => ({
  package: `npm@${version}`,
  cli: 'bin/npm-cli.js',
  install: ['install', '--no-audit', '--no-fund', ...flags],
  line: 'npx signet-jwt build',
  exec: ['bin/npx-cli.js'],
});

const pnpm = (version, cli, name = 'pnpm') => ({
  package: `${name}@${version}`,
  cli,
  install: ['install'], // blocks scripts by default: pnpm 10 with a warning, later ones with an error
  line: 'pnpm exec signet-jwt build',
  exec: [cli, 'exec'],
});

const yarn4 = (linker) => ({
  package: '@yarnpkg/cli-dist@4.18.1',
  cli: 'bin/yarn.js',
  install: ['install', '--no-immutable'],
  settings: [
    LOCK_TO_WRITE,
    ['.yarnrc.yml', `nodeLinker: ${linker}\nenableScripts: false\nenableTelemetry: false\nenableGlobalCache: false\n`],
  ],
  line: 'yarn signet-jwt build',
  exec: ['bin/yarn.js'],
});

/** @type {Installer[]} */
const INSTALLERS = [
  { name: 'npm 11', ...npm('11.21.2', '--ignore-scripts') },
  { name: 'npm 12', ...npm('12.2.1') },
  { name: 'npm 12, strict', ...npm('12.2.1', '--strict-allow-scripts') },
  { name: 'pnpm 10', ...pnpm('10.34.8', 'bin/pnpm.cjs') },
  { name: 'pnpm 11', ...pnpm('11.28.10', 'bin/pnpm.mjs') },
  { name: 'pnpm 12', ...pnpm('12.20.0', 'pnpm', `@pnpm/exe.${process.platform}-${process.arch}`) },
  {
    name: 'yarn 1',
    package: 'yarn@1.22.22',
    cli: 'bin/yarn.js',
    install: ['install', '--ignore-scripts', '--non-interactive'],
    line: 'yarn signet-jwt build',
    exec: ['bin/yarn.js', '--silent'],
  },
  { name: 'yarn 4, node-modules', ...yarn4('node-modules') },
  {
    name: 'yarn 4, pnp',
    ...yarn4('pnp'),
    node: ['--require', './.pnp.cjs', '--experimental-loader', './.pnp.loader.mjs'],
  },
  {
    name: 'bun',
    package: `@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : process.arch}@1.4.5`,
    cli: 'bin/bun',
    install: ['install', '--ignore-scripts'],
    line: 'bunx signet-jwt build',
    exec: ['bin/bun', 'x'],
  },
];

/**
 * Other runtimes, which must refuse the package.
 * @type {{ name: string, package: string, cli: string, run: string[] }[]}
 */
const RUNTIMES = [
  { ...INSTALLERS.find(({ name }) => name === 'bun'), run: ['run'] },
  {
    name: 'deno',
    package: `@deno/${process.platform}-${process.arch}${process.platform === 'linux' ? '-glibc' : ''}@2.9.6`,
    cli: 'deno',
    run: ['run', '--allow-all'],
  },
];

/** Fetches a package's archive into a folder. @returns {string} its name */
function packed(spec, folder) {
  try {
    return run('npm', ['pack', spec, '--silent', '--pack-destination', folder]).trim().split('\n').at(-1);
  } catch (err) {
    throw Object.assign(err, { exitCode: NOT_FETCHED });
  }
}

/** The folder of an installer's package, fetched once. @param {Installer} installer */
function fetched({ package: spec }) {
  const folder = path.join(CACHE, spec.replace('/', '-'));
  if (fs.existsSync(folder)) return path.join(folder, 'package');
  const part = `${folder}.part`;
  fs.rmSync(part, { recursive: true, force: true });
  fs.mkdirSync(part, { recursive: true });
  const archive = packed(spec, part);
  run('tar', ['-xzf', path.join(part, archive), '-C', part]);
  fs.rmSync(path.join(part, archive));
  fs.renameSync(part, folder);
  return path.join(folder, 'package');
}

/** A program of an installer as a command and its first arguments. */
function command(installer, node, file = installer.cli) {
  const program = path.join(fetched(installer), file);
  return /\.[cm]?js$/.test(file) ? [node, program] : [program];
}

module.exports = { CACHE, INSTALLERS, RUNTIMES, command, fetched };
