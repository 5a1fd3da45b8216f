'use strict';
// One process of a storm: does what its parent says, and writes each call down before it begins and when it ends (see
// judge.js). argv: JSON { options of createAuth, file: the history, ordersTellTime: each order has the time, `now` }

const { AsyncLocalStorage } = require('node:async_hooks');
const { createHash } = require('node:crypto');
const fs = require('node:fs');

const { createAuth } = require('../..');

const { options, file, ordersTellTime } = JSON.parse(process.argv[2]);
const current = new AsyncLocalStorage(); // { now, told: the event }
const auth = createAuth(ordersTellTime ? { ...options, now: () => current.getStore()?.now ?? Date.now() } : options);
const history = fs.openSync(file, 'a');
let calls = 0;

for (const name of ['retry', 'straggler'])
  auth.on(name, ({ late, keyed }) => Object.assign(current.getStore(), { told: name, late, keyed }));

const write = (entry) => fs.writeSync(history, `${JSON.stringify(entry)}\n`);
const clock = () => Number(process.hrtime.bigint()) / 1e6; // one clock for all processes of the machine

const payloadOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString('utf8'));

/** What each order does; resolves with what is to be written down next to its outcome, and the token for the parent. */
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

/** Not part of the history. */
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
  const from = ordersTellTime ? { now: order.now } : { now: Date.now(), later: null };
  write({ call, ...describe(order), ...from, start: clock() });
  let result;
  let token;
  try {
    [result, token] = await current.run({ now: order.now }, () => ORDERS[order.kind](order));
  } catch (error) {
    result = { outcome: error.code ?? String(error), ...(ordersTellTime && { retryAfter: error.retryAfter }) };
  }
  const until = ordersTellTime ? {} : { later: Date.now() + 1 };
  write({ call, end: clock(), ...until, ...result });
  process.send({ id: order.id, outcome: result.outcome, token });
}

process.on('message', (order) => {
  if (order === 'end') auth.close().then(() => process.disconnect());
  else if (order.kind === 'secrets') replaceSecrets(order);
  else obey(order);
});
auth.ready().then(() => process.send('ready'));
