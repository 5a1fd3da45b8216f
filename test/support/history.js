'use strict';
// The judge of a storm: what each client wrote down of its calls, against what the invariants allow. One pass over
// each session's calls.
//
// A call: { kind: 'rotate' | 'revoke', session, start, end, outcome, parent?, child?, generation? }
//   start, end  of one monotonic clock, common to all processes; end is Infinity where the client did not live to see
//   an answer
//   outcome     'ok' | 'unknown' (timeout, cut connection, killed client) | an error's code
//   parent      the jti of the token presented, `generation` its generation; child: the successor's jti
// A final state: { session, generation, revoked }: the record after the storm, by the store.

const fs = require('node:fs');

/** Outcomes after which the store may or may not have done it. */
const UNKNOWN = new Set(['unknown', 'ERR_STORE_TIMEOUT', 'ERR_STORE_REFUSED']); // refused: what is answered in a server's name may not be true

const isRotated = (call) => call.kind === 'rotate' && call.outcome === 'ok';
const isUnknown = (call) => UNKNOWN.has(call.outcome);

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

const earliest = (calls, time) => calls.reduce((least, call) => Math.min(least, call[time]), Infinity);

/** I1: at most one distinct child a parent. */
function oneChild(byParent) {
  return [...byParent.values()]
    .filter((calls) => new Set(calls.filter(isRotated).map(({ child }) => child)).size > 1)
    .map(([{ parent }]) => `two successors of ${parent}`);
}

/**
 * I3, I4: no success that began after the end of the session was acknowledged, whether by a revoke or by an answer
 * that told of it.
 */
function noneAfterEnd(calls) {
  const told = calls.filter(
    (call) =>
      (call.kind === 'revoke' && call.outcome === 'ok') ||
      call.outcome === 'ERR_REFRESH_REUSED' ||
      call.outcome === 'ERR_SESSION_REVOKED',
  );
  const ended = earliest(told, 'end');
  return calls
    .filter((call) => isRotated(call) && call.start > ended)
    .map(({ parent }) => `${parent} was accepted after the session's end`);
}

/** No grandparent accepted: once a token's child was rotated by an acknowledged call, the token is worth nothing. */
function noGrandparent(calls, byParent) {
  return calls
    .filter((call) => {
      if (!isRotated(call)) return false;
      const next = (byParent.get(call.child) ?? []).filter(isRotated);
      return earliest(next, 'end') < call.start;
    })
    .map(({ parent }) => `${parent} was accepted when its child had been rotated`);
}

/**
 * No false reuse: the token must have been presented before by another call that may have rotated it, and, within the
 * grace period, the successor too (else the answer to this one is the same successor).
 */
function noFalseReuse(calls, byParent, grace) {
  return calls
    .filter((call) => {
      if (call.outcome !== 'ERR_REFRESH_REUSED') return false;
      const before = byParent
        .get(call.parent)
        .filter((other) => other !== call && (isRotated(other) || isUnknown(other)) && other.start < call.end);
      if (before.length === 0) return true;
      const firstRotation = earliest(before, 'start');
      const children = new Set(before.map(({ child }) => child).filter(Boolean));
      const childPresented = [...children].some((child) =>
        (byParent.get(child) ?? []).some((other) => other.start < call.end),
      );
      return !childPresented && call.end - firstRotation < grace;
    })
    .map(({ parent }) => `false reuse of ${parent}`);
}

/** No session ends by itself: who is told that it has been revoked was preceded by a revoke or by reuse. */
function noFalseRevoke(calls) {
  const begun = earliest(
    calls.filter(
      (call) =>
        call.kind === 'revoke' || call.outcome === 'ERR_REFRESH_REUSED' || (call.kind === 'rotate' && isUnknown(call)),
    ),
    'start',
  );
  return calls
    .filter((call) => call.outcome === 'ERR_SESSION_REVOKED' && call.end < begun)
    .map(({ session }) => `${session} was revoked by nobody`);
}

/**
 * I5, I6: the record is where the acknowledged rotations have led, or one step further where an unknown outcome can
 * have been that step. So no acknowledged rotation was lost, and an unknown one is nothing or one rotation.
 */
function finalGeneration(calls, final) {
  const rotations = calls.filter((call) => call.kind === 'rotate');
  const last = rotations
    .filter(isRotated)
    .reduce((most, { generation }) => Math.max(most, generation + 1), final.first ?? 0);
  const further = rotations.some((call) => isUnknown(call) && call.generation === last) ? 1 : 0;
  if (final.generation >= last && final.generation <= last + further) return [];
  return [`${final.session} stands at generation ${final.generation}, its acknowledged rotations at ${last}`];
}

function finalRevoked(calls, final) {
  const acknowledged = calls.some(
    (call) => (call.kind === 'revoke' && call.outcome === 'ok') || call.outcome === 'ERR_REFRESH_REUSED',
  );
  return acknowledged && !final.revoked ? [`${final.session} lives though its end was acknowledged`] : [];
}

/**
 * What the history shows to be wrong: one sentence each; empty where all invariants held.
 * @param {object[]} history
 * @param {{ finals?: object[], grace: number }} truth final states; the grace period in the history's unit of time
 */
function judge(history, { finals = [], grace }) {
  const violations = [];
  const bySession = groupBy(history, ({ session }) => session);
  for (const calls of bySession.values()) {
    const byParent = groupBy(
      calls.filter(({ kind }) => kind === 'rotate'),
      ({ parent }) => parent,
    );
    violations.push(
      ...oneChild(byParent),
      ...noneAfterEnd(calls),
      ...noGrandparent(calls, byParent),
      ...noFalseReuse(calls, byParent, grace),
      ...noFalseRevoke(calls),
    );
  }
  for (const final of finals) {
    const calls = bySession.get(final.session) ?? [];
    violations.push(...finalGeneration(calls, final), ...finalRevoked(calls, final));
  }
  return violations;
}

/**
 * Reads a client's file: a line when a call begins, a line when it ends. A call without an end (its client was
 * killed) has an unknown outcome. A last line that was cut off is left out.
 */
function readHistory(file) {
  const calls = new Map();
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    if (!line.endsWith('}')) continue;
    const { call, ...fields } = JSON.parse(line);
    calls.set(call, { end: Infinity, outcome: 'unknown', ...calls.get(call), ...fields });
  }
  return [...calls.values()];
}

module.exports = { judge, readHistory };
