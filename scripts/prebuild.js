'use strict';
// Builds self-contained binaries of the addon, for machines without a compiler and without the libraries:
//   node scripts/prebuild.js                                    linux-x64-gnu
//   node scripts/prebuild.js linux-arm64-gnu linux-x64-musl …   or `all`
//   node scripts/prebuild.js --jobs=1 …                         how many compilers at once (default: all cores)
//   node scripts/prebuild.js --mongoc=FOLDER …                  with the mongo-c-driver, 1.x or 2.x, that is there
//   node scripts/prebuild.js --check [all]                      whether the existing ones match the current sources
// They go to prebuilds/TARGET/signet.node, next to what says what they contain (scripts/bill.js); `npm pack` includes
// both. docs/platforms.md says where each was tested.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { staleBill, writeBill } = require('./bill.js');
const { step } = require('./console.js');
const { lackedBy } = require('./prebuild/advisories.js');
const { TARGETS } = require('./prebuild/targets.js');
const { zig } = require('./prebuild/zig.js');
const { sqliteSource, mongocDriver } = require('./prebuild/sources.js');
const { buildMongoc } = require('./prebuild/mongoc.js');
const { buildAddon } = require('./prebuild/addon.js');
const { faults } = require('./prebuild/inspect.js');
const { nodeExports } = require('./prebuild/nodes.js');
const { record, unfit } = require('./prebuild/made-of.js');

const ROOT = path.join(__dirname, '..');
const CACHE = path.join(ROOT, '.cache', 'prebuild');
const OUTPUT = path.join(ROOT, 'prebuilds');
const NOT_FETCHED = 2;

/** @param {string[]} args @returns {{ names: string[], targets: string[], jobs: number, mongoc?: string }} */
function parse(args) {
  const option = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const jobs = Number(option('jobs') ?? os.availableParallelism());
  const given = args.filter((arg) => !arg.startsWith('--'));
  const unknown = given.filter((name) => name !== 'all' && !TARGETS[name]);
  if (unknown.length > 0 || !(jobs >= 1))
    throw new Error(
      `node scripts/prebuild.js [--jobs=N] [--mongoc=FOLDER] [all | ${Object.keys(TARGETS).join(' | ')}]`,
    );
  const names = given.includes('all') ? Object.keys(TARGETS) : given;
  return { names, targets: names.length > 0 ? names : ['linux-x64-gnu'], jobs, mongoc: option('mongoc') };
}

/** Runs before `npm pack` and `npm publish`. @param {string[]} named targets that must be there */
function check(named) {
  const wrong = Object.keys(TARGETS)
    .filter((name) => named.includes(name) || fs.existsSync(path.join(OUTPUT, name)))
    .map(unfit)
    .concat(staleBill())
    .filter(Boolean);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}

/**
 * Fetches sources from registries. If one does not answer, the exit status is NOT_FETCHED: nothing of ours is at fault.
 */
function fetched(targets, mongoc) {
  try {
    return {
      driver: mongocDriver(CACHE, mongoc),
      compiler: zig(CACHE),
      sqlite: sqliteSource(CACHE),
      exported: new Map(targets.map((name) => [name, nodeExports(CACHE, TARGETS[name])])),
    };
  } catch (err) {
    throw Object.assign(err, { exitCode: err.exitCode ?? NOT_FETCHED });
  }
}

async function main() {
  const { names, targets, jobs, mongoc } = parse(process.argv.slice(2));
  if (process.argv.includes('--check')) return check(names);
  fs.mkdirSync(CACHE, { recursive: true });
  const { compiler, sqlite, driver, exported } = fetched(targets, mongoc);
  const lacked = driver.isPinned ? [] : lackedBy(driver.version);
  if (lacked.length > 0)
    step(`mongo-c-driver ${driver.version} lacks the fixes of ${lacked.map(({ id }) => id).join(', ')}`);
  for (const name of targets) {
    const target = { name, ...TARGETS[name] };
    const work = path.join(CACHE, name);
    const nodes = exported.get(name);
    const libraries = buildMongoc({ target, work, driver, compiler, jobs });
    const built = await buildAddon({ target, work, sqlite, mongoc: libraries, nodes, compiler, jobs });
    const wrong = faults(built, target, { nodes, compiler });
    if (wrong.length > 0) throw new Error(`${name}: ${wrong.join('; ')}`);
    const binary = path.join(OUTPUT, name, 'signet.node');
    fs.mkdirSync(path.dirname(binary), { recursive: true });
    fs.renameSync(built, binary); // not written in place: a process may have it mapped
    record(name, driver);
    step(`${path.relative(ROOT, binary)}: ${(fs.statSync(binary).size / 1024).toFixed(0)} KiB`);
  }
  return writeBill({ sqlite, mongoc: driver.folder, zig: path.dirname(compiler) }, driver);
}

main().catch((err) => {
  console.error(err.message);
  process.exitCode = err.exitCode ?? 1;
});
