'use strict';
// What must hold of a storm of honest clients and thieves.

const assert = require('node:assert');

const { judge, sightings } = require('./judge');

const isSeen = ({ after, gains, late }) => after !== undefined && !(gains > 0 && late);

/**
 * Throws unless the rules were kept, no honest client was logged out and each thief was detected. Returns how the
 * thieves were detected, and how many calls had each outcome.
 * @param {{ history: object[], finals: object[], sessions: object[] }} storm
 * @param {{ grace: number, spread: number, seed: number }} options
 */
function assertHonest({ history, finals, sessions }, { grace, spread, seed }) {
  assert.deepStrictEqual(judge(history, { finals, grace, honest: true }).slice(0, 20), [], `seed ${seed}`);
  const ends = sessions.filter(({ thief, isOut }) => !thief && isOut);
  assert.deepStrictEqual(ends, [], `honest ends, seed ${seed}`);
  const sights = sightings(history, { grace, spread });
  const unseen = sights.filter((sight) => !isSeen(sight));
  assert.deepStrictEqual(unseen, [], `thieves that were not seen, seed ${seed}`);
  const counts = new Map();
  for (const { outcome } of history) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return { sights, counts };
}

module.exports = { assertHonest };
