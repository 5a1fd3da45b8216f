'use strict';
// Compares Signet with jsonwebtoken 9.0.3 on random calls. SEED=n repeats a run, CASES=n sets its length.

const assert = require('node:assert');
const util = require('node:util');
const jsonwebtoken = require('jsonwebtoken');
const signet = require('../lib/index.js');
const { DEVIATIONS } = require('./deviations');
const { NOW, makeCase } = require('./support/cases');
const { describeError, outcomeOf } = require('./support/outcome');
const { randomFrom } = require('./support/random');

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const CASES = Number(process.env.CASES ?? 10_000);

/** A case made twice, from the same choices and the same tokens. */
function makeTwice(seed) {
  const outcomes = [];
  const record = (...given) => unwrap(outcomes[outcomes.push(outcomeOf(() => jsonwebtoken.sign(...given))) - 1]);
  const replay = () => unwrap(outcomes.shift());
  return [{ sign: record }, { sign: replay }].map((signer) => makeCase(randomFrom(seed), signer));
}

function unwrap(outcome) {
  if ('value' in outcome) return outcome.value;
  throw new Error(outcome.message);
}

/** Signatures of these differ from call to call, so each library's token is judged by the other. */
const IS_RANDOM = /^(PS|ES)/;

function signatureHolds(token, made, judge) {
  const { alg } = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
  if (!IS_RANDOM.test(alg)) return token;
  const verdict = outcomeOf(() =>
    judge.verify(token, made.keys.verifying, {
      algorithms: [alg],
      ignoreExpiration: true,
      ignoreNotBefore: true,
      allowInvalidAsymmetricKeyTypes: true,
    }),
  );
  return [...token.split('.').slice(0, 2), verdict.message === 'invalid signature' ? 'bad' : 'good'];
}

/**
 * What a callback was told, when and how often; as an outcome, so that what explains a difference of results explains
 * it here too.
 */
async function toldOutcome(call, isExpected) {
  const told = [];
  let returned = false;
  const thrown = outcomeOf(() =>
    call((...given) => told.push({ given, when: returned ? 'later' : 'before it returned' })),
  );
  returned = true;
  if ('error' in thrown) return { ...thrown, times: 'thrown' };
  for (let turns = 0; turns < 2 || (isExpected && told.length === 0); turns++) await new Promise(setImmediate);
  if (told.length === 0) return { times: 0 };
  const {
    given: [error, value],
    when,
  } = told[0];
  return { ...(error === null || error === undefined ? { value } : describeError(error)), times: told.length, when };
}

async function compareTold(made, twin) {
  const theirs = await toldOutcome((callback) => jsonwebtoken[made.kind](...made.arguments, callback), false);
  const ours = await toldOutcome((callback) => signet[twin.kind](...twin.arguments, callback), true);
  return judge(theirs, ours, made, twin);
}

function compare(made, twin) {
  return judge(
    outcomeOf(() => jsonwebtoken[made.kind](...made.arguments)),
    outcomeOf(() => signet[twin.kind](...twin.arguments)),
    made,
    twin,
  );
}

function judge(theirs, ours, made, twin) {
  if (made.kind === 'sign' && typeof theirs.value === 'string' && typeof ours.value === 'string') {
    [theirs, ours] = [
      { ...theirs, value: signatureHolds(theirs.value, made, signet) },
      { ...ours, value: signatureHolds(ours.value, made, jsonwebtoken) },
    ];
  }
  return {
    theirs,
    ours,
    same: util.isDeepStrictEqual(theirs, ours) && util.isDeepStrictEqual(made.arguments[0], twin.arguments[0]),
  };
}

describe('20 compared with jsonwebtoken', function () {
  this.timeout(300_000); // jsonwebtoken's time, nearly all of it
  const realNow = Date.now;
  before(() => {
    Date.now = () => NOW * 1000;
  });
  after(() => {
    Date.now = realNow;
  });

  const explained = new Map();
  let judged, succeeded;
  beforeEach(() => {
    explained.clear();
    judged = succeeded = 0;
  });

  /** One case is the same, or a row of the table says why it is not. */
  function judgeCase(i, made, { theirs, ours, same }) {
    judged++;
    if ('value' in ours) succeeded++;
    if (same) return;
    const row = DEVIATIONS.find(({ covers }) => covers?.(theirs, ours, made));
    assert.ok(
      row,
      util.inspect(
        { SEED, case: i, kind: made.kind, arguments: made.arguments, theirs, ours },
        { depth: 5, maxStringLength: 400 },
      ),
    );
    explained.set(row.id, (explained.get(row.id) ?? 0) + 1);
  }

  function judgeAll() {
    const differences = [...explained.values()].reduce((sum, count) => sum + count, 0);
    assert.ok(differences < judged / 10, `too much is explained away: ${util.inspect(explained)}`);
    assert.ok(succeeded > judged / 4, `only ${succeeded} of ${judged} calls succeeded: the cases are no test`);
  }

  it(`${CASES} random calls have the same result, error class, message and properties (SEED=${SEED})`, () => {
    for (let i = 0; i < CASES; i++) {
      const [made, twin] = makeTwice(SEED * 100_003 + i);
      judgeCase(i, made, compare(made, twin));
    }
    judgeAll();
  });

  it(`${CASES / 2} call back with the same result, both before or both after returning (SEED=${SEED})`, async () => {
    for (let i = 0; i < CASES / 2; i++) {
      const [made, twin] = makeTwice(SEED * 100_003 + i);
      if (made.kind === 'decode' || typeof made.arguments[1] === 'function') continue; // no callback; a getKey
      judgeCase(i, made, await compareTold(made, twin));
    }
    judgeAll();
  });
});
