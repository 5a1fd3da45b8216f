#!/usr/bin/env node
'use strict';
// `npx signet-jwt build`: builds the addon from source for the project of the current folder, where no prebuilt binary
// fits, or to link the system's libraries. The result is in the project's node_modules/.signet
// (lib/native/project.js); the package itself is not changed. If this Node's headers are installed, node-gyp uses them
// and downloads none.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { PLACE, ancestors } = require('../lib/native/project.js');

const PACKAGE = path.join(__dirname, '..');
const SOURCES = ['include', 'src', 'native/binding.gyp', 'scripts/native-flags.js'];
const USAGE = `signet-jwt build [options of node-gyp]

Builds the addon from source, for the project of the current folder and this Node.
  --nodedir=PREFIX   Node's headers are in PREFIX/include/node (default: this Node's, else they are downloaded)`;

/**
 * The path of node-gyp: the project's or this package's own, else that of the installer that runs this script or of
 * the npm that came with this Node; undefined if there is none.
 * @param {string} [project]
 */
function nodeGyp(project = PACKAGE) {
  const node = path.dirname(fs.realpathSync(process.execPath));
  const installer = path.dirname(process.env.npm_execpath ?? PACKAGE);
  const paths = [
    project,
    PACKAGE,
    installer,
    path.join(installer, '..', 'dist'), // pnpm's
    path.join(node, '..', 'lib', 'node_modules', 'npm'),
    path.join(node, 'node_modules', 'npm'), // on Windows
  ];
  try {
    return require.resolve('node-gyp/bin/node-gyp.js', { paths });
  } catch {
    return process.env.npm_config_node_gyp;
  }
}

/** The prefix with this Node's headers in include/node; undefined if they are not installed. */
function headersPrefix() {
  const prefix = path.join(path.dirname(fs.realpathSync(process.execPath)), '..');
  const places = [process.env.npm_config_nodedir, prefix, '/usr', '/usr/local'].filter(Boolean);
  return places.find((place) => fs.existsSync(path.join(place, 'include', 'node', 'node_api.h')));
}

/** What a build needs and this machine lacks. */
function missing() {
  if (process.platform === 'win32') return [];
  const found = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
  const hasSqlite = process.platform === 'darwin' || spawnSync('pkg-config', ['--exists', 'sqlite3']).status === 0;
  return [
    ...(found('c++') || found('g++') || found('clang++') ? [] : ['a C and C++ compiler']),
    ...(found('make') ? [] : ['make']),
    ...(found('python3') ? [] : ['python3']),
    ...(hasSqlite ? [] : ["pkg-config and SQLite's headers"]),
  ];
}

/** The folder of the project: the nearest with a package.json. */
function projectFolder() {
  const folder = ancestors(process.cwd()).find((one) => fs.existsSync(path.join(one, 'package.json')));
  if (!folder) throw new Error('there is no package.json here: run this in the folder of your project');
  return folder;
}

/**
 * Copies what a build reads, since node-gyp writes next to it and the package may be read-only.
 * @param {string} work
 */
function copySources(work) {
  for (const place of SOURCES) fs.cpSync(path.join(PACKAGE, place), path.join(work, place), { recursive: true });
  const headers = path.dirname(require.resolve('node-addon-api/package.json'));
  fs.cpSync(headers, path.join(work, 'node_modules', 'node-addon-api'), { recursive: true });
}

/** The end of the compiler's output, which has the error in it. */
const lastLines = (text) => text.trim().split('\n').slice(-20).join('\n');

/** @param {string} project @param {string} work @param {string[]} options node-gyp's */
function runNodeGyp(project, work, options) {
  const gyp = nodeGyp(project);
  if (!gyp) throw new Error('node-gyp was not found: add it to the devDependencies of your project');
  const prefix = headersPrefix();
  const nodedir = prefix ? [`--nodedir=${prefix}`] : [];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [gyp, 'rebuild', '--jobs', '2', ...nodedir, ...options],
    {
      cwd: path.join(work, 'native'),
      encoding: 'utf8',
      env: { ...process.env, PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}` },
      maxBuffer: 1 << 28,
    },
  );
  if (status !== 0) throw new Error(lastLines(`${stdout}\n${stderr}`));
}

/** Throws if the binary does not load. In a child process: a half-loaded addon must not stay in this one. */
function checkLoads(binary) {
  const script = 'process.dlopen({ exports: {} }, process.argv[1])';
  const { status, stderr } = spawnSync(process.execPath, ['-e', script, binary], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`it was built and does not load: ${/^\w*Error.*/m.exec(stderr)?.[0] ?? stderr}`);
}

/** @param {string[]} options node-gyp's @returns {string} the path of the binary */
function build(options) {
  const project = projectFolder();
  const binary = path.join(project, PLACE);
  const work = path.join(path.dirname(binary), `work-${process.pid}`);
  console.log('signet-jwt: building from source (about a minute)');
  try {
    copySources(work);
    runNodeGyp(project, work, options);
    const made = path.join(work, 'native', 'build', 'Release', 'signet.node');
    checkLoads(made);
    fs.renameSync(made, binary); // not written in place: a process may have it mapped
    return binary;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** @param {Error} err */
function tellFailure(err) {
  const lacking = missing();
  console.error(
    [
      err.message,
      '',
      'signet-jwt: the addon could not be built.',
      lacking.length > 0 ? `  missing on this machine: ${lacking.join(', ')}` : '  the reason stands above',
      '  Debian, Ubuntu:  apt-get install build-essential python3 pkg-config libsqlite3-dev libmongoc-dev',
      '  Alpine:          apk add build-base python3 pkgconf sqlite-dev mongo-c-driver-dev',
      '  macOS:           xcode-select --install && brew install pkg-config mongo-c-driver',
      '  Windows:         never done there; docs/platforms.md lists the binaries in the package',
    ].join('\n'),
  );
}

/** @param {string[]} args */
function main([command, ...options]) {
  if (command !== 'build' || options.includes('--help')) {
    console.log(USAGE);
    process.exitCode = command === 'build' || command === '--help' ? 0 : 1;
    return;
  }
  try {
    console.log(`signet-jwt: ${path.relative('', build(options))}`);
  } catch (err) {
    tellFailure(err);
    process.exitCode = 1;
  }
}

module.exports = { headersPrefix, nodeGyp };

if (require.main === module) main(process.argv.slice(2));
