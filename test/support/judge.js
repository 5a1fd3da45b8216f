'use strict';
// The judge of a storm: what each client wrote down of its calls, against what the rules and invariants of
// docs/security.md allow. One pass over each session's calls, in order of time.
//
// A call: { kind: 'rotate' | 'revoke', session, start, end, outcome, actor?, … }
//   start, end  by one monotonic clock, common to all processes; end is Infinity if the client did not live to see the
//               answer
//   outcome     'rotate' | 'retry' (both succeed) | an error's code | 'unknown' (cut connection, killed client); of a
//               revoke: 'ok'
//   actor       who called; a thief's begins with "thief"
// A call of kind 'rotate' also has
//   parent, generation, child   the jti of the token presented and its generation; the jti of the successor
//   answer      a digest of the successor, the whole token
//   key, previousKey, strict    as given to rotateRefresh
//   late, keyed                 as the retry event told
//   retryAfter                  of the error, in seconds
//   now         the time of the decision, by the clock of the process that decided; `later` if only limits are known
//               (null: not even the later one)
// A final state: { session, generation, revoked, retries?, first? }: the record after the storm, by the store.

const fs = require('node:fs');

const { decide, isRecent, recordAfter } = require('./rules');

/** Outcomes after which the store may or may not have done it: what is answered in a server's name may not be true. */
const UNKNOWN = new Set(['unknown', 'ERR_STORE_TIMEOUT', 'ERR_STORE_REFUSED']);
/** Outcomes by which nothing was decided. */
const UNDECIDED = new Set([
  ...UNKNOWN,
  'ERR_STORE_UNAVAILABLE',
  'ERR_BUSY',
  'ERR_REFRESH_KEY_UNKNOWN',
  'ERR_REFRESH_KEY_LIMIT',
]);
const OUTCOME = { rotate: 'rotate', retry: 'retry', straggler: 'ERR_REFRESH_SUPERSEDED', reuse: 'ERR_REFRESH_REUSED' };

const isAnswered = ({ outcome }) => outcome === 'rotate' || outcome === 'retry';
const isUnknown = ({ outcome }) => UNKNOWN.has(outcome);
const isReuse = ({ outcome }) => outcome === OUTCOME.reuse;
const isThief = ({ actor }) => actor?.startsWith('thief') === true;

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
const say = ({ parent, actor = 'a client' }) => `${parent} of ${actor}`;

/** I1, I7: one successor per token, byte for byte, made once. */
function oneChild(byParent) {
  const differ = (calls, name) => new Set(calls.filter(isAnswered).map((call) => call[name])).size > 1;
  return [...byParent.values()].flatMap((calls) => [
    ...(differ(calls, 'child') || differ(calls, 'answer') ? [`two successors of ${calls[0].parent}`] : []),
    ...(calls.filter(({ outcome }) => outcome === 'rotate').length > 1 ? [`${calls[0].parent} rotated twice`] : []),
  ]);
}

/** I3, I4: after the end of the session was acknowledged, each call is told of it, or nothing. */
function noneAfterEnd(calls) {
  const ended = earliest(
    calls.filter(
      (call) =>
        (call.kind === 'revoke' && call.outcome === 'ok') || isReuse(call) || call.outcome === 'ERR_SESSION_REVOKED',
    ),
    'end',
  );
  return calls
    .filter((call) => call.kind === 'rotate' && call.start > ended)
    .filter((call) => call.outcome !== 'ERR_SESSION_REVOKED' && !UNDECIDED.has(call.outcome))
    .map((call) => `${say(call)} was answered ${call.outcome} after the session's end`);
}

/** No session ends by itself: who is told that it has been revoked was preceded by a revoke or by reuse. */
function noFalseRevoke(calls) {
  const begun = earliest(
    calls.filter((call) => call.kind === 'revoke' || isReuse(call) || (call.kind === 'rotate' && isUnknown(call))),
    'start',
  );
  return calls
    .filter((call) => call.outcome === 'ERR_SESSION_REVOKED' && call.end < begun)
    .map(({ session }) => `${session} was revoked by nobody`);
}

// ------------------------------------------------------------------ rules 3 to 8

/** When an exchange may have been made; null as a limit means that it is not known. */
const momentsOf = ({ now, later = now }) => [...new Set([now, later ?? Infinity])];

/**
 * What is known of a session's chain, by generation: { parent: the token, exchanges: who may have exchanged it and
 * when, start: the earliest time of that }. If nobody was told of the exchange, each call can have made it whose
 * outcome is unknown, or which was told of a retry: a driver that has lost an answer repeats the write by itself.
 */
function chainOf(rotations) {
  const chain = [];
  for (const [generation, calls] of groupBy(rotations, (call) => call.generation)) {
    const made = calls.filter(({ outcome }) => outcome === 'rotate');
    const makers = made.length > 0 ? made.slice(0, 1) : calls.filter((call) => isUnknown(call) || isAnswered(call));
    chain[generation] = {
      parent: calls[0].parent,
      child: calls.find(isAnswered)?.child,
      exchanges: makers.flatMap((call) => momentsOf(call).map((now) => ({ ...call, now }))),
      start: earliest(makers, 'start'),
    };
  }
  return chain;
}

/** The tokens that came from nowhere: somebody has them, and nobody can have been given them. */
function fromNowhere(chain) {
  const first = chain.findIndex(Boolean);
  return chain
    .slice(first + 1)
    .map((token, i) => (chain[first + i]?.exchanges.length > 0 ? null : `nobody was given ${token?.parent}`))
    .filter(Boolean);
}

/** The times of a decision to be tried: its limits, and in between each at which a rule's verdict changes. */
function timesOf({ now, later = now }, record, grace) {
  const limit = later ?? Infinity;
  const turns = [record.rotatedAt, record.previousRotatedAt].map((time) => time + grace);
  return [now, limit, ...turns.flatMap((time) => [time, time + 1]).filter((time) => time > now && time < limit)];
}

/** The records that a session may have had at a generation, by who may have made its last two exchanges. */
function recordsAt(chain, generation) {
  const made = [chain[generation - 2], chain[generation - 1]].filter(Boolean);
  const ways = made.reduce(
    (lists, { exchanges }) => lists.flatMap((list) => exchanges.map((exchange) => [...list, exchange])),
    [[]],
  );
  const current = chain[generation]?.parent ?? made.at(-1)?.child;
  return ways.map((way) => recordAfter(way, { generation, current }));
}

/** The lowest and highest generation that the session can have had while each call was in flight. */
function placeCalls(rotations, chain) {
  const isDecided = ({ outcome }) => Object.values(OUTCOME).includes(outcome);
  const marks = rotations.flatMap((call) => [
    { at: call.start, order: 0, call, shown: call.generation },
    { at: call.end, order: 1, shown: isDecided(call) ? call.generation + 1 : call.generation },
  ]);
  const lowest = new Map();
  let shown = 0;
  for (const mark of marks.sort((a, b) => a.at - b.at || a.order - b.order)) {
    shown = Math.max(shown, mark.shown);
    if (mark.call) lowest.set(mark.call, shown);
  }
  return (call) => {
    let highest = lowest.get(call);
    while (chain[highest]?.start < call.end) highest += 1;
    return [lowest.get(call), highest];
  };
}

/** The outcome with what was told with it: of a retry, by its event; of a straggler, when it may try again. */
function said({ outcome, late, keyed, retryAfter }) {
  if (outcome === 'retry' && keyed !== undefined) return `retry${keyed ? ' by key' : ''}${late ? ', late' : ''}`;
  if (outcome === OUTCOME.straggler && retryAfter !== undefined) return `${outcome}, Retry-After ${retryAfter}`;
  return outcome;
}

/** A second after the end of the grace period, as far as that is ahead. */
function retryAfterOf({ rotatedAt, previousRotatedAt, previous }, call, grace) {
  const age = Math.max(0, call.now - (previous === call.parent ? rotatedAt : previousRotatedAt));
  return 1 + Math.ceil(Math.max(0, call.strict ? 0 : grace - age) / 1000);
}

/** What the rules say of a call, told as far as the call's outcome was. */
const verdictOn = (record, call, grace) =>
  said({
    outcome: OUTCOME[decide(record, call, grace)],
    late: !isRecent(record.rotatedAt, call, grace),
    keyed: call.keyed === undefined ? undefined : record.keyHash !== undefined,
    retryAfter: call.retryAfter === undefined ? undefined : retryAfterOf(record, call, grace),
  });

/** Each decision is the one that the rules give for a state that the session can have been in. */
function byTheRules(rotations, grace) {
  const chain = chainOf(rotations);
  const violations = fromNowhere(chain);
  if (violations.length > 0) return violations;
  const placeOf = placeCalls(rotations, chain);
  for (const call of rotations) {
    if (UNDECIDED.has(call.outcome) || call.outcome === 'ERR_SESSION_REVOKED') continue;
    const allowed = new Set();
    const [lowest, highest] = placeOf(call);
    for (let generation = lowest; generation <= highest; generation += 1) {
      for (const record of recordsAt(chain, generation))
        for (const now of timesOf(call, record, grace)) allowed.add(verdictOn(record, { ...call, now }, grace));
    }
    if (!allowed.has(said(call)))
      violations.push(`${say(call)} was answered ${said(call)}; the rules say ${[...allowed].join(' or ')}`);
  }
  return violations;
}

/** A session that no thief has touched does not end as reuse. */
function noHonestEnd(calls) {
  if (calls.some(isThief)) return [];
  return calls.filter(isReuse).map((call) => `${say(call)} ended its session, and nobody had stolen anything`);
}

// ------------------------------------------------------------------ the record at the end

/**
 * I5, I6: the record is where the acknowledged rotations have led, or one step further where an unknown outcome can
 * have been that step. So no acknowledged rotation was lost, and an unknown one is nothing or one rotation.
 */
function finalGeneration(calls, final) {
  const rotations = calls.filter((call) => call.kind === 'rotate');
  const last = rotations
    .filter(isAnswered)
    .reduce((most, { generation }) => Math.max(most, generation + 1), final.first ?? 0);
  const further = rotations.some((call) => isUnknown(call) && call.generation === last) ? 1 : 0;
  if (final.generation >= last && final.generation <= last + further) return [];
  return [`${final.session} stands at generation ${final.generation}, its acknowledged rotations at ${last}`];
}

/** Each retry is counted. */
function finalRetries(calls, final) {
  if (final.retries === undefined) return [];
  const told = calls.filter(({ outcome }) => outcome === 'retry').length;
  const further = calls.filter((call) => call.kind === 'rotate' && UNDECIDED.has(call.outcome)).length;
  if (final.retries >= told && final.retries <= told + further) return [];
  return [`${final.session} has counted ${final.retries} retries, and ${told} were acknowledged`];
}

function finalRevoked(calls, final) {
  const acknowledged = calls.some((call) => (call.kind === 'revoke' && call.outcome === 'ok') || isReuse(call));
  return acknowledged && !final.revoked ? [`${final.session} lives though its end was acknowledged`] : [];
}

/**
 * What the history shows to be wrong: one sentence each; empty if all rules and invariants held.
 * @param {object[]} history
 * @param {{ finals?: object[], grace: number, honest?: boolean }} truth final states; the grace period in ms; honest:
 *   whoever is no thief keeps to what clients are told to do, so that no session may end without one
 */
function judge(history, { finals = [], grace, honest = false }) {
  const violations = [];
  const bySession = groupBy(history, ({ session }) => session);
  for (const calls of bySession.values()) {
    const rotations = calls.filter(({ kind }) => kind === 'rotate');
    violations.push(
      ...oneChild(groupBy(rotations, ({ parent }) => parent)),
      ...noneAfterEnd(calls),
      ...noFalseRevoke(calls),
      ...byTheRules(rotations, grace),
      ...(honest ? noHonestEnd(calls) : []),
    );
  }
  for (const final of finals) {
    const calls = bySession.get(final.session) ?? [];
    violations.push(...finalGeneration(calls, final), ...finalRetries(calls, final), ...finalRevoked(calls, final));
  }
  return violations;
}

/** The call that ended a session as reuse. If nobody was told, its client was killed before: others found it ended. */
function endingOf(calls) {
  const byOwner = earliest(
    calls.filter(({ kind }) => kind === 'revoke'),
    'start',
  );
  const found = calls.find(({ outcome, end }) => outcome === 'ERR_SESSION_REVOKED' && end < byOwner);
  const untold = (call) => call.kind === 'rotate' && isUnknown(call) && call.start < found?.end;
  return calls.find(isReuse) ?? calls.filter(untold).at(-1);
}

/**
 * How each thief was seen: { session, kind, gains, by, after }: what it was given, whose request ended the session, and
 * how long after the exchange that had made its token an old one, by the clock of the process that decided. `late`: an
 * earlier request with that token and without its key, after the grace period and a second, was told but 409.
 * @param {object[]} history
 * @param {{ grace: number, spread?: number }} options spread: how far apart the processes' clocks are, in ms
 */
function sightings(history, { grace, spread = 0 }) {
  const seen = [];
  for (const [session, calls] of groupBy(history, (call) => call.session)) {
    const thefts = calls.filter(isThief);
    if (thefts.length === 0) continue;
    const reuse = endingOf(calls);
    const made = calls.filter(
      (call) => call !== reuse && call.parent === reuse?.parent && (isAnswered(call) || isUnknown(call)),
    );
    const exchange = made.find(({ outcome }) => outcome === 'rotate') ?? made[0];
    const gains = thefts.filter(isAnswered).length;
    const sight = { session, kind: thefts[0].actor.replace('thief: ', ''), gains, by: reuse?.actor };
    if (exchange) sight.after = reuse.now - exchange.now;
    sight.late = calls.some(
      (call) =>
        call.parent === reuse?.parent &&
        call.outcome === OUTCOME.straggler &&
        ![call.key, call.previousKey].includes(exchange?.key ?? NaN) &&
        call.now > exchange?.now + grace + 1000 + spread,
    );
    seen.push(sight);
  }
  return seen;
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

module.exports = { judge, readHistory, sightings };
