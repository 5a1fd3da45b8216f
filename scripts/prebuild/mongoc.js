'use strict';
// Builds mongo-c-driver as static archives for one target. It uses Node's OpenSSL: the headers at compile time, the
// exported functions at run time.

const fs = require('node:fs');
const path = require('node:path');
const { step, run } = require('../console.js');
const { headersPrefix } = require('../../native/build.js');

/** Node's headers, which include OpenSSL's. */
function nodeHeaders() {
  const prefix = headersPrefix();
  const folder = prefix && path.join(prefix, 'include', 'node');
  if (!folder || !fs.existsSync(path.join(folder, 'openssl')))
    throw new Error("Node's headers (include/node, with openssl in it) are not installed with this Node");
  return folder;
}

/**
 * A folder with OpenSSL's headers only: given all of Node's, cmake would use others too. And a library without
 * contents: nothing is linked here, but cmake wants to see a file.
 * @param {string} work
 */
function opensslOf(work) {
  const folder = path.join(work, 'openssl');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.symlinkSync(path.join(nodeHeaders(), 'openssl'), path.join(folder, 'openssl'));
  const library = path.join(folder, 'empty.a');
  fs.writeFileSync(library, '!<arch>\n');
  return { OPENSSL_INCLUDE_DIR: folder, OPENSSL_SSL_LIBRARY: library, OPENSSL_CRYPTO_LIBRARY: library };
}

/** cmake needs each tool as one program without arguments. @param {string} file @param {string[]} words */
function writeProgram(file, words) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`, { mode: 0o755 });
  return file;
}

const OFF = [
  'AUTOMATIC_INIT_AND_CLEANUP', // a destructor that shuts the driver down at exit while its threads still run
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

/** Headers that the driver includes by names that only a Windows machine takes for the compiler's. */
function windowsHeaders(work) {
  const folder = path.join(work, 'headers');
  fs.mkdirSync(folder, { recursive: true });
  for (const name of ['Windows.h', 'WinDNS.h', 'Mstcpip.h'])
    fs.writeFileSync(path.join(folder, name), `#include <${name.toLowerCase()}>\n`);
  return folder;
}

// By platform: the compiler's flags, and what cmake cannot find out here.
const SYSTEMS = {
  linux: () => ({ flags: [], settings: { CMAKE_SYSTEM_NAME: 'Linux' } }),
  win32: ({ work, tool }) => ({
    flags: ['-include', path.join(__dirname, 'windows', 'mongoc.h'), `-I${windowsHeaders(work)}`],
    settings: {
      CMAKE_SYSTEM_NAME: 'Windows',
      CMAKE_RC_COMPILER: tool('rc', 'rc'),
      LIB_EAY: 'none',
      SSL_EAY: 'none',
      LIB_EAY_DEBUG: 'none',
      SSL_EAY_DEBUG: 'none',
    },
  }),
  darwin: () => ({
    flags: [`-I${path.join(__dirname, 'darwin')}`],
    settings: {
      CMAKE_SYSTEM_NAME: 'Darwin',
      CMAKE_INSTALL_NAME_TOOL: '/bin/true',
      CMAKE_OSX_SYSROOT: '',
      RESOLV_LIBRARIES: 'resolv',
      MONGOC_HAVE_RES_NSEARCH: '1',
      MONGOC_HAVE_RES_NDESTROY: '1',
    },
  }),
};

/**
 * @param {{ target: import('./targets').Target & { name: string }, work: string,
 *   driver: { folder: string, version: string }, compiler: string }} build
 */
function cmakeOptions({ target, work, driver, compiler }) {
  const tool = (name, ...words) => writeProgram(path.join(work, 'bin', name), [compiler, ...words]);
  const system = SYSTEMS[target.platform]({ work, tool });
  const flags = ['-target', target.triple, '-fvisibility=hidden', `-ffile-prefix-map=${driver.folder}=mongo-c-driver`];
  const words = [...flags, ...target.flags, ...system.flags];
  const settings = {
    ...system.settings,
    CMAKE_SYSTEM_PROCESSOR: target.processor,
    CMAKE_C_COMPILER: tool('cc', 'cc', ...words),
    CMAKE_CXX_COMPILER: tool('c++', 'c++', ...words),
    CMAKE_CXX_COMPILER_WORKS: 'ON', // only the driver's tests are C++; the check would build a libc++
    CMAKE_CXX_ABI_COMPILED: 'ON',
    CMAKE_AR: tool('ar', 'ar'),
    CMAKE_RANLIB: tool('ranlib', 'ranlib'),
    CMAKE_BUILD_TYPE: 'Release',
    CMAKE_C_FLAGS_RELEASE: '-O2 -DNDEBUG -fno-sanitize=undefined -ffunction-sections -fdata-sections',
    CMAKE_POSITION_INDEPENDENT_CODE: 'ON',
    CMAKE_FIND_ROOT_PATH_MODE_PROGRAM: 'NEVER',
    PKG_CONFIG_EXECUTABLE: '/bin/false', // pkg-config would answer for the build machine
    BUILD_VERSION: driver.version,
    ENABLE_STATIC: 'ON',
    ENABLE_SSL: 'OPENSSL',
    ENABLE_SRV: 'ON',
    ...opensslOf(work),
    HAVE_ASN1_STRING_GET0_DATA: '1', // cmake would find it by linking
  };
  const options = [...Object.entries(settings), ...OFF.map((name) => [`ENABLE_${name}`, 'OFF'])].map(
    ([name, value]) => `-D${name}=${value}`,
  );
  return { options, words };
}

/** The two libraries, which 1.x and 2.x name differently. @param {string} folder */
const archivesIn = (folder) =>
  ['libmongoc', 'libbson'].map((library) => {
    const [name] = fs.readdirSync(path.join(folder, 'src', library)).filter((file) => file.endsWith('.a'));
    return path.join(folder, 'src', library, name);
  });

/**
 * @param {{ target: object, work: string, driver: { folder: string, version: string, isPinned: boolean },
 *   compiler: string, jobs: number }} build
 * @returns {{ archives: string[], includes: string[], defines: string[] }}
 */
function buildMongoc(build) {
  const { target, work, driver, jobs } = build;
  const source = driver.folder;
  const folder = path.join(work, 'mongoc');
  const { options, words } = cmakeOptions(build);
  const stamp = path.join(folder, 'made-with');
  // what a folder that was given contains is not known
  const patch = driver.isPinned ? fs.readFileSync(path.join(source, 'applied.patch'), 'utf8') : '';
  const wanted = [source, ...options, ...words, patch].join('\n');
  if (!driver.isPinned || !fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== wanted) {
    step(`${target.name}: mongo-c-driver ${driver.version}`);
    fs.rmSync(folder, { recursive: true, force: true });
    run('cmake', ['-S', source, '-B', folder, ...options]);
    // only this target: the shared library would need -lssl
    run('cmake', ['--build', folder, '--target', 'mongoc_static', '--parallel', String(jobs)]);
    fs.writeFileSync(stamp, wanted);
  }
  const includes = [
    ['libmongoc', 'mongoc'],
    ['libbson', 'bson'],
  ].flatMap(
    (
      [library, headers], // headers from the source, and generated by cmake
    ) => [
      path.join(source, 'src', library, 'src'),
      path.join(folder, 'src', library, 'src'),
      path.join(folder, 'src', library, 'src', headers),
    ],
  );
  return { archives: archivesIn(folder), includes, defines: ['MONGOC_STATIC', 'BSON_STATIC'] };
}

module.exports = { buildMongoc, nodeHeaders };
