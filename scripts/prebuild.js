'use strict';
// Builds self-contained binaries of the addon, for machines without a compiler and without the libraries:
//   node scripts/prebuild.js                                    linux-x64-gnu
//   node scripts/prebuild.js linux-arm64-gnu linux-x64-musl …   or `all`
//   node scripts/prebuild.js --jobs=1 …                         how many compilers at once (default: all cores)
//   node scripts/prebuild.js --check                            whether the existing ones match the current sources
// They go to prebuilds/TARGET/signet.node, which `npm pack` includes. docs/platforms.md says where each was tested.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { step } = require('./console.js');
const { TARGETS } = require('./prebuild/targets.js');
const { zig } = require('./prebuild/zig.js');
const { sqliteSource, mongocSource } = require('./prebuild/sources.js');
const { buildMongoc } = require('./prebuild/mongoc.js');
const { buildAddon } = require('./prebuild/addon.js');
const { faults } = require('./prebuild/inspect.js');
const { record, unfit } = require('./prebuild/made-of.js');

const ROOT = path.join(__dirname, '..');
const CACHE = path.join(ROOT, '.cache', 'prebuild');
const OUTPUT = path.join(ROOT, 'prebuilds');
const NOT_FETCHED = 2;

/** @param {string[]} args @returns {{ targets: string[], jobs: number }} */
function parse(args) {
  const jobs = Number(
    args.find((arg) => arg.startsWith('--jobs='))?.slice('--jobs='.length) ?? os.availableParallelism(),
  );
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = names.filter((name) => name !== 'all' && !TARGETS[name]);
  if (unknown.length > 0 || !(jobs >= 1))
    throw new Error(`node scripts/prebuild.js [--jobs=N] [all | ${Object.keys(TARGETS).join(' | ')}]`);
  const targets = names.includes('all') ? Object.keys(TARGETS) : names;
  return { targets: targets.length > 0 ? targets : ['linux-x64-gnu'], jobs };
}

/**
 * Copies the licences of the linked libraries next to the binaries; SQLite is in the public domain.
 * @param {string} source
 */
function copyLicences(source) {
  const text = ['COPYING', 'THIRD_PARTY_NOTICES']
    .map((name) => fs.readFileSync(path.join(source, name), 'utf8'))
    .join('\n');
  fs.writeFileSync(path.join(OUTPUT, 'mongo-c-driver.LICENSE'), text);
}

/** Runs before `npm pack` and `npm publish`. */
function check() {
  const wrong = Object.keys(TARGETS)
    .filter((name) => fs.existsSync(path.join(OUTPUT, name)))
    .map(unfit)
    .filter(Boolean);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

/**
 * Fetches sources from registries. If one does not answer, the exit status is NOT_FETCHED: nothing of ours is at fault.
 */
function fetched() {
  try {
    return { compiler: zig(CACHE), sqlite: sqliteSource(CACHE), mongoc: mongocSource(CACHE) };
  } catch (err) {
    throw Object.assign(err, { exitCode: err.exitCode ?? NOT_FETCHED });
  }
}

async function main() {
  if (process.argv.includes('--check')) return check();
  const { targets, jobs } = parse(process.argv.slice(2));
  fs.mkdirSync(CACHE, { recursive: true });
  const { compiler, sqlite, mongoc } = fetched();
  for (const name of targets) {
    const target = { name, ...TARGETS[name] };
    const work = path.join(CACHE, name);
    const libraries = buildMongoc({ target, work, source: mongoc, compiler, jobs });
    const built = await buildAddon({ target, work, sqlite, mongoc: libraries, compiler, jobs });
    const wrong = faults(built, target);
    if (wrong.length > 0) throw new Error(`${name}: ${wrong.join('; ')}`);
    const binary = path.join(OUTPUT, name, 'signet.node');
    fs.mkdirSync(path.dirname(binary), { recursive: true });
    fs.renameSync(built, binary); // not written in place: a process may have it mapped
    record(name);
    step(`${path.relative(ROOT, binary)}: ${(fs.statSync(binary).size / 1024).toFixed(0)} KiB`);
  }
  return copyLicences(mongoc);
}

main().catch((err) => {
  console.error(err.message);
  process.exitCode = err.exitCode ?? 1;
});
