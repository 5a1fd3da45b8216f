'use strict';
// The rules of rotation, written a second time, from docs/security.md and without the addon: what a presented refresh
// token is answered, given the session's record. The judge of storms (judge.js) asks it, and so does the store that
// the clients of storms are tried on first (createRecord). A hash is its input here.

const hashOf = (parent, key) => (key === undefined ? undefined : `${parent} ${key}`);

/**
 * A session's record as its exchanges have left it.
 * @param {{ parent: string, now: number, key?: string }[]} exchanges the last two, the newest last
 * @param {{ generation: number, current: string }} place
 */
function recordAfter(exchanges, { generation, current }) {
  const [before, last] = exchanges.length > 1 ? exchanges.slice(-2) : [undefined, exchanges[0]];
  return {
    generation,
    current,
    previous: last?.parent,
    rotatedAt: last?.now,
    keyHash: last && hashOf(last.parent, last.key),
    previousRotatedAt: before?.now,
    previousKeyHash: before && hashOf(before.parent, before.key),
  };
}

/** Whether a time is within the grace period, of which `strict` leaves nothing. A clock behind it is within, too. */
const isRecent = (time, { now, strict = false }, grace) => !strict && grace > 0 && time >= now - grace;

/**
 * 'rotate', 'retry', 'straggler' or 'reuse': the first that fits, of a session that has not ended.
 * @param {ReturnType<typeof recordAfter>} record
 * @param {{ parent: string, generation: number, now: number, key?: string, previousKey?: string, strict?: boolean }}
 *   call the token presented, with its generation; the client's keys; the time by the process that decides
 * @param {number} grace in ms
 */
function decide(record, call, grace) {
  const { parent, generation, key, previousKey } = call;
  const isKeyOf = (hash) => [key, previousKey].some((k) => k !== undefined && hashOf(parent, k) === hash);
  const isKeyed = record.keyHash !== undefined;
  if (record.current === parent) return 'rotate';
  if (record.previous === parent) {
    if (isKeyed ? isKeyOf(record.keyHash) : isRecent(record.rotatedAt, call, grace)) return 'retry';
    return isKeyed && isRecent(record.rotatedAt, call, grace) ? 'straggler' : 'reuse';
  }
  const isGrandparent = record.generation === generation + 2;
  return isGrandparent && (isRecent(record.previousRotatedAt, call, grace) || isKeyOf(record.previousKeyHash))
    ? 'straggler'
    : 'reuse';
}

module.exports = { decide, isRecent, recordAfter };
