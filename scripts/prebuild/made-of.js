'use strict';
// Whether a prebuilt binary matches the current sources: their digest is stored next to it.

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

/** @param {string} target */
const record = (target) => fs.writeFileSync(recordOf(target), digest());

/** Why a target's binary cannot be published; null if it can. @param {string} target */
function unfit(target) {
  if (!fs.existsSync(path.join(ROOT, 'prebuilds', target, 'signet.node')))
    return `prebuilds/${target}/signet.node is not there: node scripts/prebuild.js ${target}`;
  const isCurrent = fs.existsSync(recordOf(target)) && fs.readFileSync(recordOf(target), 'utf8') === digest();
  return isCurrent
    ? null
    : `prebuilds/${target}/signet.node is of other sources than these: node scripts/prebuild.js ${target}`;
}

module.exports = { record, unfit };
