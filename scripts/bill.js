'use strict';
// What the binaries contain, for whoever must know it: a bill of materials (CycloneDX 1.6) and the licences, written
// next to the binaries, so both are in the package. Versions and digests are those that the build fetches.

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { SQLITE } = require('./sqlite.js');
const { recordedDriver } = require('./prebuild/made-of.js');
const { MONGOC } = require('./prebuild/sources.js');
const { ZIG } = require('./prebuild/zig.js');

const ROOT = path.join(__dirname, '..');
const OUTPUT = path.join(ROOT, 'prebuilds');
const BILL = path.join(OUTPUT, 'sbom.cdx.json');
const LICENCES = path.join(OUTPUT, 'LICENSES');

const DEBIAN =
  `pkg:deb/debian/mongo-c-driver@${MONGOC.version}-${encodeURIComponent(MONGOC.revision)}` +
  `?arch=source&distro=${MONGOC.suite}`;
const LLVM = 'Apache-2.0 WITH LLVM-exception';
const { packages } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));

// Works of others in mongo-c-driver, by their names in its THIRD_PARTY_NOTICES.
const LICENCE_OF = {
  'common-b64.c': 'ISC AND LicenseRef-IBM-1995',
  'common-md5.c': 'Zlib',
  jsonsl: 'MIT',
  utf8proc: 'MIT',
  uthash: 'BSD-1-Clause',
  'utlist.h': 'BSD-1-Clause',
};
// Documentation, compression, and TLS other than OpenSSL's: not linked in.
const NOT_LINKED = ['mongoc.css_t', 'zlib', 'mongoc-stream-tls-secure-channel.c'];

/**
 * `parts`: keys of LICENCE_OF. `purl`: where its source is from.
 * @typedef {{ version: string, parts: string[], purl: string }} Driver
 */

/** Debian's source, with Debian's security patches. @type {Driver} */
const PINNED = {
  version: MONGOC.version,
  parts: ['common-b64.c', 'common-md5.c', 'jsonsl', 'utlist.h'],
  purl: DEBIAN,
};

/**
 * A row per work with an author of its own. `text`: the file with its licence, under the folder of `source`; of code,
 * the comments that it begins with; without `text`, its part of THIRD_PARTY_NOTICES. `contains`: works of others in it
 * that are compiled too.
 * @typedef {{ name: string, version?: string, licence: string, description?: string, text?: string, purl?: string,
 *   cpe?: string, origin?: { url: string, sha256?: string }, source?: 'sqlite' | 'mongoc' | 'zig' | 'napi',
 *   contains?: Work[] }} Work
 */

/** @param {Driver} driver @returns {Work} */
const driverWork = ({ version, parts, purl }) => ({
  name: 'mongo-c-driver',
  version,
  licence: 'Apache-2.0',
  description: 'libmongoc and libbson, without compression, SASL, AWS authentication and client-side encryption',
  purl,
  cpe: `cpe:2.3:a:mongodb:c_driver:${version}:*:*:*:*:mongodb:*:*`,
  ...(purl === DEBIAN && { origin: { url: purl, sha256: MONGOC.sha256 } }),
  source: 'mongoc',
  text: 'COPYING',
  contains: parts.map((name) => ({ name, licence: LICENCE_OF[name] })),
});

/** @param {Driver} driver @returns {Work[]} what is linked in */
const linked = (driver) => [
  {
    name: 'sqlite',
    version: SQLITE.version,
    licence: 'blessing',
    purl: `pkg:generic/sqlite@${SQLITE.version}`,
    cpe: `cpe:2.3:a:sqlite:sqlite:${SQLITE.version}:*:*:*:*:*:*:*`,
    origin: { url: `pkg:npm/${SQLITE.carrier}@${SQLITE.carrierVersion}`, sha256: SQLITE.sha256 },
    source: 'sqlite',
    text: 'sqlite3.h',
  },
  driverWork(driver),
  {
    name: 'zig',
    version: ZIG,
    licence: 'MIT',
    description: 'the compiler; its runtime libraries are linked in',
    purl: `pkg:pypi/ziglang@${ZIG}`,
    source: 'zig',
    text: 'LICENSE',
    contains: [
      { name: 'libc++', licence: LLVM, text: 'lib/libcxx/LICENSE.TXT' },
      { name: 'libc++abi', licence: LLVM, text: 'lib/libcxxabi/LICENSE.TXT' },
      { name: 'libunwind', licence: LLVM, text: 'lib/libunwind/LICENSE.TXT' },
      {
        name: 'libc_nonshared',
        description: "glibc's atexit and stat, in the binaries for glibc",
        // SPDX has no name for glibc's exception, which is the same
        licence: 'LGPL-2.1-or-later WITH GCC-exception-2.0',
        text: 'lib/libc/glibc/stdlib/atexit.c',
      },
      {
        name: 'mingw-w64',
        description: 'the C runtime of the binaries for Windows',
        licence: 'ZPL-2.1',
        text: 'lib/libc/mingw/COPYING',
      },
    ],
  },
  {
    ...fromNpm('node-addon-api'),
    description: 'headers',
    source: 'napi',
    text: 'LICENSE.md',
  },
];

/** What `npm install` installs with the package; node-addon-api is for builds from source. */
const INSTALLED = ['cookie', 'ms', 'node-addon-api'].map(fromNpm);

function fromNpm(name) {
  const { version, license, integrity } = packages[`node_modules/${name}`];
  return { name, version, licence: license, purl: `pkg:npm/${name}@${version}`, integrity };
}

const refOf = ({ name, version, purl }, within) => purl ?? `${within}#${name}${version ? `@${version}` : ''}`;

/** @param {Work} work @param {string} [within] the reference of the work that contains it */
function component(work, within) {
  const { name, version, licence, description, purl, cpe, origin, integrity, contains } = work;
  const [algorithm, digest] = integrity?.split('-') ?? [];
  return {
    type: 'library',
    'bom-ref': refOf(work, within),
    name,
    ...(version && { version }),
    ...(description && { description }),
    ...(digest && { hashes: [hash(algorithm, Buffer.from(digest, 'base64').toString('hex'))] }),
    licenses: [/ (AND|WITH) /.test(licence) ? { expression: licence } : { license: { id: licence } }],
    ...(cpe && { cpe }),
    ...(purl && { purl }),
    ...(origin && {
      externalReferences: [
        {
          type: 'source-distribution',
          url: origin.url,
          ...(origin.sha256 && { hashes: [hash('sha256', origin.sha256)] }),
        },
      ],
    }),
    ...(contains && { components: contains.map((part) => component(part, refOf(work))) }),
  };
}

const hash = (algorithm, content) => ({ alg: algorithm.replace('sha', 'SHA-'), content });

/** The binaries that are there. @returns {{ name: string, sha256: string }[]} */
function binaries() {
  if (!fs.existsSync(OUTPUT)) return [];
  return fs
    .readdirSync(OUTPUT)
    .sort()
    .map((target) => `${target}/signet.node`)
    .filter((name) => fs.existsSync(path.join(OUTPUT, name)))
    .map((name) => ({
      name: `prebuilds/${name}`,
      sha256: createHash('sha256')
        .update(fs.readFileSync(path.join(OUTPUT, name)))
        .digest('hex'),
    }));
}

/**
 * The bill, the same for the same binaries and the same sources. It has a time only if SOURCE_DATE_EPOCH is set.
 * @param {{ name: string, sha256: string }[]} files @param {Driver} [driver]
 */
function bill(files, driver = PINNED) {
  const works = linked(driver);
  const { name, version, description, license } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const self = `pkg:npm/${name}@${version}`;
  const { SOURCE_DATE_EPOCH: seconds } = process.env;
  const content = {
    metadata: {
      ...(seconds && { timestamp: new Date(seconds * 1000).toISOString() }),
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'library',
        'bom-ref': self,
        name,
        version,
        description,
        licenses: [{ license: { id: license } }],
        purl: self,
      },
    },
    components: [
      ...works.map((work) => component(work)),
      ...INSTALLED.filter(({ purl }) => !works.some((work) => work.purl === purl)).map((work) => component(work)),
      ...files.map((file) => ({
        type: 'file',
        'bom-ref': file.name,
        name: file.name,
        hashes: [hash('sha256', file.sha256)],
      })),
    ],
    dependencies: [
      { ref: self, dependsOn: [...INSTALLED.map((work) => refOf(work)), ...files.map((file) => file.name)] },
      ...files.map((file) => ({ ref: file.name, dependsOn: works.map((work) => refOf(work)) })),
    ],
  };
  const id = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const serial = [id.slice(0, 8), id.slice(8, 12), `8${id.slice(13, 16)}`, `a${id.slice(17, 20)}`, id.slice(20, 32)];
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${serial.join('-')}`,
    version: 1,
    ...content,
  };
}

const inText = (content) => `${JSON.stringify(content, null, 2)}\n`;

/** @param {string} file a licence, or code that begins with one */
function licenceIn(file) {
  const text = fs.readFileSync(file, 'utf8');
  if (!/\.[ch]$/.test(file)) return text;
  const [comments] = /^(\s*\/\*[^]*?\*\/)+/.exec(text);
  return comments.replace(/^\s*\/?\*+\/? ?|\s*\*\/$/gm, '');
}

/**
 * What mongo-c-driver's source says of works of others, by their names.
 * @param {string} folder @returns {Map<string, string>}
 */
function noticesIn(folder) {
  const files = ['.', 'src/libbson', 'src/libmongoc']
    .map((place) => path.join(folder, place, 'THIRD_PARTY_NOTICES'))
    .filter(fs.existsSync);
  const texts = files.flatMap((file) =>
    fs
      .readFileSync(file, 'utf8')
      .split(/^(?=License notice for )/m)
      .slice(1),
  );
  return new Map(texts.map((text) => [/^License notice for (.+)/.exec(text)[1], text.split('\n').slice(2).join('\n')]));
}

/**
 * What a source that prebuild.js was given contains.
 * @param {string} folder @param {string} version @returns {Driver}
 */
function driverIn(folder, version) {
  const parts = [...noticesIn(folder).keys()].filter((name) => !NOT_LINKED.includes(name)).sort();
  const unknown = parts.filter((name) => !LICENCE_OF[name]);
  if (unknown.length > 0)
    throw new Error(`mongo-c-driver ${version} contains ${unknown.join(', ')}: add the licence to scripts/bill.js`);
  return { version, parts, purl: `pkg:github/mongodb/mongo-c-driver@${version}` };
}

/**
 * @param {Record<Work['source'], string>} folders @param {Driver} driver
 * @returns {string} the licence of each work, under its name
 */
function licences(folders, driver) {
  const notices = noticesIn(folders.mongoc);
  const line = '='.repeat(80);
  const textOf = ({ name, text }, source) => (text ? licenceIn(path.join(folders[source], text)) : notices.get(name));
  return linked(driver)
    .flatMap(({ source, contains = [], ...work }) => [work, ...contains].map((part) => [part, textOf(part, source)]))
    .map(([work, text]) => `${line}\n${titleOf(work)}\n${line}\n\n${text.trim()}\n`)
    .join('\n');
}

/** @param {Work} work */
const titleOf = ({ name, version, licence }) => `${name}${version ? ` ${version}` : ''}: ${licence}`;

/**
 * @param {{ sqlite: string, mongoc: string, zig: string }} folders of the sources
 * @param {{ version: string, isPinned: boolean }} [driver]
 */
function writeBill(folders, { version, isPinned } = { isPinned: true }) {
  const driver = isPinned ? PINNED : driverIn(folders.mongoc, version);
  const napi = path.dirname(require.resolve('node-addon-api/package.json'));
  fs.writeFileSync(LICENCES, licences({ ...folders, napi }, driver));
  fs.writeFileSync(BILL, inText(bill(binaries(), driver)));
}

/** The driver that a bill names. @returns {Driver} */
function driverOf({ components }) {
  const { version, purl, components: parts } = components.find(({ name }) => name === 'mongo-c-driver');
  return { version, purl, parts: parts.map(({ name }) => name) };
}

/** Why the binaries cannot be published with the bill that is there; null if they can. */
function staleBill() {
  const files = binaries();
  if (files.length === 0) return null;
  const again = ': node scripts/prebuild.js';
  if (![BILL, LICENCES].every(fs.existsSync)) return `prebuilds/sbom.cdx.json or prebuilds/LICENSES is missing${again}`;
  const found = JSON.parse(fs.readFileSync(BILL, 'utf8'));
  const { version } = driverOf(found);
  const others = files.map(({ name }) => name.split('/')[1]).filter((target) => recordedDriver(target) !== version);
  if (others.length > 0) return `${others.join(', ')}: not of mongo-c-driver ${version}, as the bill says${again} all`;
  return isSame(found, files)
    ? null
    : `prebuilds/sbom.cdx.json and prebuilds/LICENSES are not of these binaries${again}`;
}

/** Whether a bill is the one of these files, apart from its time. */
function isSame(found, files) {
  const wanted = bill(files, driverOf(found));
  return (
    JSON.stringify([found.components, found.dependencies]) === JSON.stringify([wanted.components, wanted.dependencies])
  );
}

module.exports = {
  BILL,
  LICENCES,
  NOT_LINKED,
  PINNED,
  bill,
  binaries,
  driverIn,
  driverOf,
  linked,
  noticesIn,
  staleBill,
  titleOf,
  writeBill,
};
