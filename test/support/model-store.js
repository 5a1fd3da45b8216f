'use strict';
// A store in memory that follows rules.js, instead of the real processes: its `ask` is storm.js's, with answers after a
// random time. Its calls are a history for the judge.

const { setTimeout: delay } = require('node:timers/promises');

const { decide, recordAfter } = require('./rules');

const OUTCOMES = { straggler: 'ERR_REFRESH_SUPERSEDED', reuse: 'ERR_REFRESH_REUSED' };
const MAX_DELAY_MS = 3;

/** @param {{ grace: number, random: object }} options */
function createModelStore({ grace, random }) {
  const sessions = new Map();
  const history = [];
  let tick = 0;
  const time = () => {
    tick += 1;
    return tick;
  };

  function login(user) {
    const session = `s${sessions.size}`;
    sessions.set(session, { exchanges: [], generation: 0, current: `${session}.0`, revoked: false, retries: 0, user });
    return { sessionId: session, refreshToken: `${session}.0` };
  }

  function judged(session, call) {
    if (session.revoked) return { outcome: 'ERR_SESSION_REVOKED' };
    const verdict = decide(recordAfter(session.exchanges, session), call, grace);
    if (verdict === 'rotate') {
      session.exchanges = [...session.exchanges.slice(-1), call];
      session.generation += 1;
      session.current = `${call.session}.${session.generation}`;
    }
    if (verdict === 'reuse') session.revoked = true;
    if (verdict === 'retry') session.retries += 1;
    return { outcome: OUTCOMES[verdict] ?? verdict, token: OUTCOMES[verdict] ? undefined : session.current };
  }

  async function ask({ kind, token, session = token.split('.')[0], ...order }) {
    const call = { ...order, kind, session, start: time() };
    if (kind === 'rotate') Object.assign(call, { parent: token, generation: Number(token.split('.')[1]) });
    history.push(call);
    await delay(random.unit() * MAX_DELAY_MS);
    const record = sessions.get(session);
    if (kind === 'revoke') record.revoked = true;
    const { outcome = 'ok', token: successor } = kind === 'rotate' ? judged(record, call) : {};
    await delay(random.unit() * MAX_DELAY_MS);
    Object.assign(call, { end: time(), outcome, child: successor, answer: successor });
    return { outcome, token: successor };
  }

  const finals = () =>
    [...sessions].map(([session, { generation, revoked, retries }]) => ({ session, generation, revoked, retries }));
  return { ask, finals, history, login };
}

module.exports = { createModelStore };
