'use strict';
// One client process of a storm: does what its parent says, and writes each call down before it begins and when it
// ends. argv: JSON { options of createAuth, file: the history }

const fs = require('node:fs');

const { createAuth } = require('../..');

const { options, file } = JSON.parse(process.argv[2]);
const auth = createAuth(options);
const history = fs.openSync(file, 'a');
let calls = 0;

const write = (entry) => fs.writeSync(history, `${JSON.stringify(entry)}\n`);
const clock = () => Number(process.hrtime.bigint()) / 1e6; // one clock for all processes of the machine

const payloadOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString('utf8'));

/** What each order does; resolves with what is to be written down beside its outcome. */
const ORDERS = {
  async rotate({ token }) {
    const { refreshToken } = await auth.rotateRefresh(token);
    return { child: payloadOf(refreshToken).jti, token: refreshToken };
  },
  async revoke({ user, session }) {
    await auth.revoke(user, session);
    return {};
  },
};

function describe({ kind, token, session }) {
  if (kind !== 'rotate') return { kind, session };
  const { sid, jti, gen } = payloadOf(token);
  return { kind, session: sid, parent: jti, generation: gen };
}

async function obey(order) {
  calls += 1;
  const call = calls;
  write({ call, ...describe(order), start: clock() });
  let outcome = 'ok';
  let result = {};
  try {
    result = await ORDERS[order.kind](order);
  } catch (error) {
    outcome = error.code ?? String(error);
  }
  write({ call, end: clock(), outcome, child: result.child });
  process.send({ id: order.id, outcome, token: result.token });
}

process.on('message', (order) => {
  if (order === 'end') auth.close().then(() => process.disconnect());
  else obey(order);
});
auth.ready().then(() => process.send('ready'));
