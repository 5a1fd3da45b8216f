'use strict';
// Signet beside jsonwebtoken 9.0.3, over random calls. SEED=n repeats a run, CASES=n changes its length.

const assert = require('node:assert');
const util = require('node:util');
const jsonwebtoken = require('jsonwebtoken');
const signet = require('../lib/index.js');
const { DEVIATIONS } = require('./deviations');
const { NOW, makeCase } = require('./support/cases');
const { outcomeOf } = require('./support/outcome');
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
  const verdict = outcomeOf(() => judge.verify(token, made.keys.verifying, { algorithms: [alg], ignoreExpiration: true, ignoreNotBefore: true, allowInvalidAsymmetricKeyTypes: true }));
  return [...token.split('.').slice(0, 2), verdict.message === 'invalid signature' ? 'bad' : 'good'];
}

function compare(made, twin) {
  let theirs = outcomeOf(() => jsonwebtoken[made.kind](...made.arguments));
  let ours = outcomeOf(() => signet[twin.kind](...twin.arguments));
  if (made.kind === 'sign' && typeof theirs.value === 'string' && typeof ours.value === 'string') {
    [theirs, ours] = [{ value: signatureHolds(theirs.value, made, signet) }, { value: signatureHolds(ours.value, made, jsonwebtoken) }];
  }
  return { theirs, ours, same: util.isDeepStrictEqual(theirs, ours) && util.isDeepStrictEqual(made.arguments[0], twin.arguments[0]) };
}

describe('20 beside jsonwebtoken', function () {
  this.timeout(300_000); // jsonwebtoken's time, nearly all of it
  const realNow = Date.now;
  before(() => { Date.now = () => NOW * 1000; });
  after(() => { Date.now = realNow; });

  it(`${CASES} random calls come to the same result, error class, message and properties (SEED=${SEED})`, () => {
    const explained = new Map();
    let succeeded = 0;
    for (let i = 0; i < CASES; i++) {
      const [made, twin] = makeTwice(SEED * 100_003 + i);
      const { theirs, ours, same } = compare(made, twin);
      if ('value' in ours) succeeded++;
      if (same) continue;
      const row = DEVIATIONS.find(({ covers }) => covers?.(theirs, ours, made));
      assert.ok(row, util.inspect({ SEED, case: i, kind: made.kind, arguments: made.arguments, theirs, ours }, { depth: 5, maxStringLength: 400 }));
      explained.set(row.id, (explained.get(row.id) ?? 0) + 1);
    }
    const differences = [...explained.values()].reduce((sum, count) => sum + count, 0);
    assert.ok(differences < CASES / 10, `too much is explained away: ${util.inspect(explained)}`);
    assert.ok(succeeded > CASES / 3, `only ${succeeded} calls succeeded: the cases are no test`);
  });
});
