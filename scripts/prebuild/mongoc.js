'use strict';
// mongo-c-driver as static archives for one target. OpenSSL is Node's: its headers at compile time, its exported
// functions at run time.

const fs = require('node:fs');
const path = require('node:path');
const { step, run } = require('../console.js');
const { headersPrefix } = require('../install.js');
const { MONGOC } = require('./sources.js');

/** Node's headers, OpenSSL's among them. */
function nodeHeaders() {
  const prefix = headersPrefix();
  const folder = prefix && path.join(prefix, 'include', 'node');
  if (!folder || !fs.existsSync(path.join(folder, 'openssl')))
    throw new Error("Node's headers (include/node, with openssl in it) are not installed beside this Node");
  return folder;
}

/**
 * A folder that holds OpenSSL's headers and nothing else: with all of Node's, cmake would take more from it than these.
 * @param {string} work
 */
function opensslHeaders(work) {
  const folder = path.join(work, 'openssl');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.symlinkSync(path.join(nodeHeaders(), 'openssl'), path.join(folder, 'openssl'));
  return folder;
}

/** cmake wants one program each. @param {string} file @param {string[]} words */
function writeProgram(file, words) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 });
  return file;
}

const OFF = [
  'AUTOMATIC_INIT_AND_CLEANUP', // a destructor that ends the driver under its own threads at exit
  'SHM_COUNTERS', // files in /dev/shm
  'CLIENT_SIDE_ENCRYPTION',
  'MONGODB_AWS_AUTH',
  'SASL',
  'ICU',
  'SNAPPY',
  'ZLIB',
  'ZSTD',
  'TESTS',
  'EXAMPLES',
  'UNINSTALL',
  'MAN_PAGES',
  'HTML_DOCS',
];

function cmakeOptions({ target, work, compiler }) {
  const tool = (name, ...words) => writeProgram(path.join(work, 'bin', name), [compiler, ...words]);
  const settings = {
    CMAKE_SYSTEM_NAME: 'Linux',
    CMAKE_SYSTEM_PROCESSOR: target.processor,
    CMAKE_C_COMPILER: tool('cc', 'cc', '-target', target.triple),
    CMAKE_CXX_COMPILER: tool('c++', 'c++', '-target', target.triple),
    CMAKE_AR: tool('ar', 'ar'),
    CMAKE_RANLIB: tool('ranlib', 'ranlib'),
    CMAKE_BUILD_TYPE: 'Release',
    CMAKE_C_FLAGS_RELEASE: '-O2 -DNDEBUG -fno-sanitize=undefined -ffunction-sections -fdata-sections',
    CMAKE_C_VISIBILITY_PRESET: 'hidden',
    CMAKE_POSITION_INDEPENDENT_CODE: 'ON',
    CMAKE_FIND_ROOT_PATH_MODE_PROGRAM: 'NEVER',
    PKG_CONFIG_EXECUTABLE: '/bin/false', // pkg-config would answer for this machine
    BUILD_VERSION: MONGOC.version,
    ENABLE_STATIC: 'ON',
    ENABLE_SSL: 'OPENSSL',
    ENABLE_SRV: 'ON',
    OPENSSL_INCLUDE_DIR: opensslHeaders(work),
    OPENSSL_SSL_LIBRARY: 'none', // nothing is linked here
    OPENSSL_CRYPTO_LIBRARY: 'none',
    HAVE_ASN1_STRING_GET0_DATA: '1', // found by linking, otherwise
  };
  return [...Object.entries(settings), ...OFF.map((name) => [`ENABLE_${name}`, 'OFF'])].map(
    ([name, value]) => `-D${name}=${value}`,
  );
}

/**
 * @param {{ target: object, work: string, source: string, compiler: string, jobs: number }} build
 * @returns {{ archives: string[], includes: string[], defines: string[] }}
 */
function buildMongoc(build) {
  const { target, work, source, jobs } = build;
  const folder = path.join(work, 'mongoc');
  const archives = ['libmongoc/libmongoc-static-1.0.a', 'libbson/libbson-static-1.0.a'].map((name) =>
    path.join(folder, 'src', name),
  );
  const options = cmakeOptions(build);
  const stamp = path.join(folder, 'made-with');
  const wanted = [...options, fs.readFileSync(path.join(source, 'applied.patch'), 'utf8')].join('\n');
  if (!fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== wanted) {
    step(`${target.name}: mongo-c-driver`);
    fs.rmSync(folder, { recursive: true, force: true });
    run('cmake', ['-S', source, '-B', folder, ...options]);
    run('cmake', ['--build', folder, '--target', 'mongoc_static', '--parallel', String(jobs)]); // the shared one would want -lssl
    fs.writeFileSync(stamp, wanted);
  }
  const includes = [
    ['libmongoc', 'mongoc'],
    ['libbson', 'bson'],
  ].flatMap(
    (
      [library, headers], // given, and made by cmake
    ) => [
      path.join(source, 'src', library, 'src'),
      path.join(folder, 'src', library, 'src'),
      path.join(folder, 'src', library, 'src', headers),
    ],
  );
  return { archives, includes, defines: ['MONGOC_STATIC', 'BSON_STATIC'] };
}

module.exports = { buildMongoc, nodeHeaders };
