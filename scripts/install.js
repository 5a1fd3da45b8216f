'use strict';
// Runs at `npm install`: builds the addon from source unless a binary loads (prebuilt, or built before).
// npm_config_build_from_source=true in the environment forces a build. If this Node's headers are installed, node-gyp
// uses them and downloads none.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
/**
 * Why no binary loads; undefined if one does. Tried in a child process: a half-loaded addon must not stay in this one.
 */
function loadFailure() {
  const script = `require(${JSON.stringify(path.join(root, 'lib', 'native', 'load.js'))})`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
  return status === 0 ? undefined : (/^\w*Error.*/m.exec(stderr)?.[0] ?? 'it does not load');
}

/**
 * The path of node-gyp: this package's own, else that of the npm that runs this script or came with this Node;
 * undefined if there is none.
 */
function nodeGyp() {
  const withNode = path.join(path.dirname(fs.realpathSync(process.execPath)), '..', 'lib', 'node_modules', 'npm');
  try {
    return require.resolve('node-gyp/bin/node-gyp.js', {
      paths: [root, path.dirname(process.env.npm_execpath ?? root), withNode],
    });
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

function missing() {
  const found = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
  return [
    ...(found('c++') || found('g++') || found('clang++') ? [] : ['a C and C++ compiler']),
    ...(found('make') ? [] : ['make']),
    ...(found('python3') ? [] : ['python3']),
    ...(spawnSync('pkg-config', ['--exists', 'sqlite3']).status === 0 ? [] : ["pkg-config and SQLite's headers"]),
  ];
}

function build() {
  const gyp = nodeGyp();
  if (!gyp) return { status: 1, output: 'node-gyp was not found' };
  const prefix = headersPrefix();
  const flags = prefix ? [`--nodedir=${prefix}`] : [];
  const { status, stdout, stderr } = spawnSync(process.execPath, [gyp, 'rebuild', '--jobs', '2', ...flags], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, output: `${stdout}\n${stderr}` };
}

/** The end of the compiler's output, which has the error in it. */
const lastLines = (text) => text.trim().split('\n').slice(-20).join('\n');

function main() {
  const asked = process.env.npm_config_build_from_source === 'true';
  if (!asked && !loadFailure()) return;
  console.log(`signet-jwt: ${asked ? '' : 'no prebuilt binary loads here, '}building from source (about a minute)`);
  const { status, output } = build();
  if (status === 0 && !loadFailure()) return;
  const lacking = missing();
  console.error(
    [
      lastLines(output),
      '',
      'signet-jwt: the addon could not be built.',
      `  why no binary loads: ${loadFailure()}`,
      lacking.length > 0
        ? `  missing on this machine: ${lacking.join(', ')}`
        : "  the compiler's own words stand above",
      '  Debian, Ubuntu:  apt-get install build-essential python3 pkg-config libsqlite3-dev libmongoc-dev',
      '  macOS:           xcode-select --install && brew install pkg-config sqlite mongo-c-driver',
      '  then:            npm rebuild signet-jwt --foreground-scripts',
    ].join('\n'),
  );
  process.exitCode = 1;
}

module.exports = { headersPrefix, nodeGyp };

if (require.main === module) main();
