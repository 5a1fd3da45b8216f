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
const { linkAddon } = require('./link.js');
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

// What the compiler is told about a platform, apart from binding.gyp's flags. On macOS, operator new would be exported.
const PLATFORM_FLAGS = {
  linux: { all: ['-fPIC'], cxx: [], left: [] },
  win32: { all: [], cxx: [], left: ['-fno-plt', '-fno-semantic-interposition', '-pthread'] },
  darwin: {
    all: ['-fPIC'],
    cxx: ['-fvisibility-global-new-delete=force-hidden'],
    left: ['-fno-plt', '-fno-semantic-interposition', '-pthread'],
  },
};
// What scripts/sqlite.js defines and a platform does not have.
const LACKING = {
  linux: [],
  win32: ['HAVE_FDATASYNC', 'HAVE_USLEEP', 'HAVE_LOCALTIME_R', 'HAVE_GMTIME_R'],
  darwin: ['HAVE_FDATASYNC'],
};

/** A list of binding.gyp without the entries that query this machine. @param {string[]} list */
const fixed = (list) => list.filter((entry) => !entry.startsWith('<!'));

const gypTarget = () => JSON.parse(fs.readFileSync(path.join(ROOT, 'native', 'binding.gyp'), 'utf8')).targets[0];

/** @param {{ target: object, sqlite: string, mongoc: { includes: string[], defines: string[] } }} build */
function flags({ target, sqlite, mongoc }) {
  const gyp = gypTarget();
  const { include_dir: napi } = require('node-addon-api');
  const includes = ['include', 'src', path.resolve(ROOT, napi), nodeHeaders(), sqlite, ...mongoc.includes].map(
    (folder) => `-I${folder}`,
  );
  const defines = [...fixed(gyp.defines), ...NODE_GYP, 'SIGNET_WITH_MONGOC=1', ...mongoc.defines].map(
    (name) => `-D${name}`,
  );
  const platform = PLATFORM_FLAGS[target.platform];
  const common = [
    '-target',
    target.triple,
    ...target.flags,
    ...platform.all,
    `-ffile-prefix-map=${ROOT}=.`,
    '-fno-sanitize=undefined',
    '-ffunction-sections',
    '-fdata-sections',
    ...gyp.cflags.filter((flag) => !platform.left.includes(flag)),
  ];
  const forLanguage = (file) => (file.endsWith('.c') ? gyp.cflags_c : [...gyp.cflags_cc, ...platform.cxx]);
  const lacking = LACKING[target.platform];
  return {
    ours: (file) => [...common, ...forLanguage(file), ...defines, ...includes],
    sqlite: [
      ...common,
      '-w',
      ...DEFINES.filter((name) => !lacking.includes(name.split('=')[0])).map((name) => `-D${name}`),
    ],
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
 *   nodes: Map<string, Set<string>>, mongoc: { archives: string[], includes: string[], defines: string[] } }} build
 * @returns {Promise<string>} the path of the binary, in the working folder
 */
async function buildAddon(build) {
  const { target, work, sqlite, mongoc, nodes, compiler, jobs } = build;
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
  const inputs = [...units.map(({ object }) => object), ...mongoc.archives];
  return linkAddon({ target, work, nodes, call, gyp: gypTarget() }, inputs);
}

module.exports = { buildAddon };
