'use strict';
// Compiles and links the addon for one target. Sources, defines and flags come from binding.gyp; only the libraries
// differ.

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { step } = require('../console.js');
const { sources } = require('../native-flags.js');
const { DEFINES } = require('../sqlite.js');
const { nodeHeaders } = require('./mongoc.js');

const execute = promisify(execFile);
const ROOT = path.join(__dirname, '..', '..');

// The flags that node-gyp adds to binding.gyp's.
const NODE_GYP = [
  'NODE_GYP_MODULE_NAME=signet',
  'BUILDING_NODE_EXTENSION',
  '_FILE_OFFSET_BITS=64',
  '_LARGEFILE_SOURCE',
];

// The symbols that Node looks for; everything else, including libc++ and both databases, is hidden.
const VERSION_SCRIPT =
  '{ global: napi_register_module_v1; node_api_module_get_api_version_v1; signet_sqlite_holds_v1; local: *; };\n';

/** A list of binding.gyp without the entries that query this machine. @param {string[]} list */
const fixed = (list) => list.filter((entry) => !entry.startsWith('<!'));

/** @param {{ target: object, sqlite: string, mongoc: { includes: string[], defines: string[] } }} build */
function flags({ target, sqlite, mongoc }) {
  const [gyp] = JSON.parse(fs.readFileSync(path.join(ROOT, 'native', 'binding.gyp'), 'utf8')).targets;
  const { include_dir: napi } = require('node-addon-api');
  const includes = ['include', 'src', path.resolve(ROOT, napi), nodeHeaders(), sqlite, ...mongoc.includes].map(
    (folder) => `-I${folder}`,
  );
  const defines = [...fixed(gyp.defines), ...NODE_GYP, 'SIGNET_WITH_MONGOC=1', ...mongoc.defines].map(
    (name) => `-D${name}`,
  );
  const common = [
    '-target',
    target.triple,
    ...target.flags,
    '-fPIC',
    '-fno-sanitize=undefined',
    '-ffunction-sections',
    '-fdata-sections',
    ...gyp.cflags,
  ];
  return {
    ours: (file) => [...common, ...(file.endsWith('.c') ? gyp.cflags_c : gyp.cflags_cc), ...defines, ...includes],
    sqlite: [...common, '-w', ...DEFINES.map((name) => `-D${name}`)],
    link: [
      '-target',
      target.triple,
      '-shared',
      '-s',
      '-Wl,--gc-sections',
      ...gyp.ldflags.filter((flag) => !flag.includes('exclude-libs')),
    ], // the version script hides more
  };
}

/** Runs the tasks, `jobs` at once. @param {(() => Promise<unknown>)[]} tasks @param {number} jobs */
async function inParallel(tasks, jobs) {
  const waiting = [...tasks];
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      for (let task = waiting.shift(); task; task = waiting.shift()) await task();
    }),
  );
}

/**
 * @param {{ target: object, work: string, sqlite: string, compiler: string, jobs: number,
 *   mongoc: { archives: string[], includes: string[], defines: string[] } }} build
 * @returns {Promise<string>} the path of the binary, in the working folder
 */
async function buildAddon(build) {
  const { target, work, sqlite, mongoc, compiler, jobs } = build;
  const objects = path.join(work, 'objects');
  fs.rmSync(objects, { recursive: true, force: true });
  fs.mkdirSync(objects, { recursive: true });
  const given = flags(build);
  const unit = (file, words) => ({ file, words, object: path.join(objects, `${file.replaceAll('/', '_')}.o`) });
  const units = [
    { ...unit('sqlite3.c', given.sqlite), file: path.join(sqlite, 'sqlite3.c') },
    ...[...sources(target.platform), ...(target.sources ?? [])].map((file) => unit(file, given.ours(file))),
  ];
  const call = (words) =>
    execute(compiler, words, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 }).catch((err) => {
      throw new Error(`${target.name}: the compiler failed on ${words.at(-1)}\n${err.stderr}`, { cause: err });
    });
  step(`${target.name}: ${units.length} source files`);
  await inParallel(
    units.map(
      ({ file, words, object }) =>
        () =>
          call([file.endsWith('.c') ? 'cc' : 'c++', ...words, '-c', file, '-o', object]),
    ),
    jobs,
  );
  const script = path.join(work, 'exports.map');
  fs.writeFileSync(script, VERSION_SCRIPT);
  const binary = path.join(work, 'signet.node');
  const inputs = [...units.map(({ object }) => object), ...mongoc.archives, ...target.resolver, '-lm'];
  await call(['c++', ...given.link, `-Wl,--version-script=${script}`, ...inputs, '-o', binary]);
  return binary;
}

module.exports = { buildAddon };
