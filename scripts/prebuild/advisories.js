'use strict';
// Which of the advisories in driver.json a version of mongo-c-driver lacks the fixes of. `fixedIn` has the first fixed
// release of each series, and the revision of Debian's patched source, if it has the fix. `affects`: Signet's binaries
// can be hit. `accepted`: why the pinned version may be without the fix.

const { advisories, lookedAt, pinned } = require('./driver.json');

/**
 * @typedef {{ id: string, published?: string, what: string, fixedIn: string[], affects?: boolean, accepted?: string }}
 *   Advisory
 */

/** Debian's revision too: 1.23.1-1+deb12u3. */
const PINNED = `${pinned.version}-${pinned.revision}`;

const isOlder = (a, b) => a.localeCompare(b, 'en', { numeric: true }) < 0;
const seriesOf = (version) => version.split('.')[0];
const isDebians = (version) => version.includes('-');

/**
 * @param {string} version 1.30.15, 2.5.8, or Debian's with its revision @param {Advisory} advisory
 * @returns {boolean} a series without a fixed release is not concerned, if the next one has one
 */
function isFixed(version, { fixedIn }) {
  const released = version.replace(/-.*/, '');
  return fixedIn.some((fix) =>
    isDebians(fix)
      ? fix.replace(/-.*/, '') === released && isDebians(version) && !isOlder(version, fix)
      : seriesOf(fix) === seriesOf(released) && !isOlder(released, fix),
  );
}

/** @param {string} version @returns {Advisory[]} */
const lackedBy = (version) => advisories.filter((advisory) => !isFixed(version, advisory));

/** The first release of each series that has all fixes: ["1.30.16", "2.5.9"]. */
function fixedReleases() {
  const released = advisories.flatMap(({ fixedIn }) => fixedIn).filter((fix) => !isDebians(fix));
  return ['1', '2'].map((series) =>
    released.filter((fix) => seriesOf(fix) === series).reduce((newest, fix) => (isOlder(newest, fix) ? fix : newest)),
  );
}

module.exports = { PINNED, advisories, fixedReleases, lackedBy, lookedAt, pinned };
