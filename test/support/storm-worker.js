'use strict';
// One process of a storm: executes its parent's orders, and records each call when it begins and when it ends (see
// judge.js). argv: JSON { options of createAuth, file: the history, time: whose clock decides, one of TIMES }

const { AsyncLocalStorage } = require('node:async_hooks');
const { createHash } = require('node:crypto');
const fs = require('node:fs');

const { createAuth } = require('../..');

const { monotonic } = require('./clocks');

const { options, file, time } = JSON.parse(process.argv[2]);
const isTold = time.kind === 'told';
const current = new AsyncLocalStorage(); // { now, told: the event }
const auth = createAuth(isTold ? { ...options, now: () => current.getStore()?.now ?? Date.now() } : options);
const history = fs.openSync(file, 'a');
let calls = 0;
const SECOND = 1000;

for (const name of ['retry', 'straggler'])
  auth.on(name, ({ late, keyed }) => Object.assign(current.getStore(), { told: name, late, keyed }));

const write = (entry) => fs.writeSync(history, `${JSON.stringify(entry)}\n`);

/** How far this process's estimate of the store's clock may be off, in ms. */
const errorOfClock = () => (auth.stats().clock?.error ?? SECOND) + 2;

/** By whose clock a call is decided: the limits of that time, when the call begins and when it is over. */
const TIMES = {
  /** The order's. */
  told: ({ now }) => [{ now }, () => ({})],
  /** The machine's. */
  system: () => [{ now: Date.now(), later: null }, () => ({ later: Date.now() + 1 })],
  /** The store's: of the monotonic clock, and of how far it has leapt, not of what this process makes of it. */
  store({ ahead }) {
    const at = () => Math.floor(time.origin + monotonic() + ahead);
    const [begin, error] = [at(), errorOfClock()];
    return [
      { now: begin - error, later: null },
      () => ({ now: begin - Math.max(error, errorOfClock()), later: at() + 1 + Math.max(error, errorOfClock()) }),
    ];
  },
};

const payloadOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString('utf8'));

/** What each order does. Resolves with what to record next to its outcome, and the token for the parent. */
const ORDERS = {
  async rotate({ token, key, previousKey, strict }) {
    const { refreshToken } = await auth.rotateRefresh(token, { idempotencyKey: key, previousKey, strict });
    const answer = createHash('sha256').update(refreshToken).digest('base64url');
    const { told = 'rotate', late, keyed } = current.getStore();
    return [{ outcome: told, child: payloadOf(refreshToken).jti, answer, late, keyed }, refreshToken];
  },
  async revoke({ user, session }) {
    await auth.revoke(user, session);
    return [{ outcome: 'ok' }];
  },
};

function describe({ kind, token, session, key, previousKey, strict, actor }) {
  if (kind !== 'rotate') return { kind, session };
  const { sid, jti, gen } = payloadOf(token);
  return { kind, session: sid, parent: jti, generation: gen, key, previousKey, strict, actor };
}

/** Not part of the history, nor is the next. */
async function login({ id, user, now }) {
  try {
    const { sessionId, refreshToken } = await current.run({ now }, () => auth.login(user));
    process.send({ id, outcome: 'ok', sessionId, refreshToken });
  } catch (error) {
    process.send({ id, outcome: error.code ?? String(error) });
  }
}

function replaceSecrets({ id, refreshSecret, force }) {
  let outcome = 'ok';
  try {
    auth.setSecrets({ refreshSecret }, { force });
  } catch (error) {
    outcome = error.message;
  }
  process.send({ id, outcome });
}

async function obey(order) {
  calls += 1;
  const call = calls;
  const [from, until] = TIMES[time.kind](order);
  write({ call, ...describe(order), ...from, start: monotonic() });
  let result;
  let token;
  try {
    [result, token] = await current.run({ now: order.now }, () => ORDERS[order.kind](order));
  } catch (error) {
    result = { outcome: error.code ?? String(error), ...(isTold && { retryAfter: error.retryAfter }) };
  }
  write({ call, end: monotonic(), ...until(), ...result });
  process.send({ id: order.id, outcome: result.outcome, token });
}

process.on('message', (order) => {
  if (order === 'end') auth.close().then(() => process.disconnect());
  else if (order.kind === 'login') login(order);
  else if (order.kind === 'secrets') replaceSecrets(order);
  else obey(order);
});
auth.ready().then(() => process.send('ready'));
