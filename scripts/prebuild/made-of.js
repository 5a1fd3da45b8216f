'use strict';
// Whether a prebuilt binary matches the current sources: their digest is stored next to it, with the version of
// mongo-c-driver, which may be another than the pinned one.

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const INPUTS = ['native/binding.gyp', 'include', 'src', 'scripts/prebuild', 'scripts/sqlite.js'];

/** @param {string} place under ROOT @returns {string[]} */
function filesUnder(place) {
  const at = path.join(ROOT, place);
  if (!fs.statSync(at).isDirectory()) return [place];
  return fs
    .readdirSync(at)
    .sort()
    .flatMap((name) => filesUnder(path.join(place, name)));
}

function digest() {
  const hash = createHash('sha256');
  for (const file of INPUTS.flatMap(filesUnder)) hash.update(file).update(fs.readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}

const recordOf = (target) => path.join(ROOT, 'prebuilds', target, 'made-of');

/** @param {string} target @param {{ version: string }} driver the mongo-c-driver in it */
const record = (target, { version }) => fs.writeFileSync(recordOf(target), `${digest()} ${version}`);

/** @param {string} target @returns {string[]} the digest, and the version of mongo-c-driver */
const recorded = (target) =>
  fs.existsSync(recordOf(target)) ? fs.readFileSync(recordOf(target), 'utf8').split(' ') : [];

/** @param {string} target @returns {string | undefined} */
const recordedDriver = (target) => recorded(target)[1];

/** Why a target's binary cannot be published; null if it can. @param {string} target */
function unfit(target) {
  if (!fs.existsSync(path.join(ROOT, 'prebuilds', target, 'signet.node')))
    return `prebuilds/${target}/signet.node is not there: node scripts/prebuild.js ${target}`;
  return recorded(target)[0] === digest()
    ? null
    : `prebuilds/${target}/signet.node is of other sources than these: node scripts/prebuild.js ${target}`;
}

module.exports = { record, recordedDriver, unfit };
