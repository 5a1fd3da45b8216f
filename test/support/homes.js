'use strict';
// One lane of a storm: one session after another, each with a browser that refreshes despite all troubles, and
// sometimes with a thief.

const { MINUTE, SECOND, TROUBLES, createBrowser } = require('./browsers');
const { createThief, kindsFor } = require('./thieves');

const REFRESHES = 25; // of a session that nobody ends
const AT_MOST = 60; // with a thief, who must be detected by then
const THIEVES = 0.3; // of the sessions
const KEYLESS = 0.25;

/**
 * @param {{ login: (user: string, now: number) => Promise<object>, ask: Function, random: object, grace: number,
 *   user: string, newClock: () => { at: number, pass: Function }, isOver: () => boolean,
 *   done?: (refreshes: number) => void }} options
 * @returns {Promise<object[]>} the sessions: { session, user, thief?: kind, gains? }
 */
async function runHome({ login, ask, random, grace, user, newClock, isOver, done = () => {} }) {
  const sessions = [];
  const { unit, below, chance, pick } = random;
  while (!isOver()) {
    const clock = newClock();
    const { sessionId, refreshToken } = await login(user, clock.at);
    const isKeyed = !chance(KEYLESS);
    const browser = createBrowser({ ask, token: refreshToken, isKeyed, clock, random, grace });
    const kind = chance(THIEVES) ? pick(kindsFor(isKeyed)) : null;
    const comes = 1 + below(8);
    let thief = null;
    for (let n = 0; !browser.isOut && n < (thief ? AT_MOST : REFRESHES) && (thief || !isOver()); n += 1) {
      await clock.pass(chance(0.3) ? unit() * 10 * SECOND : 4 * MINUTE + unit() * 11 * MINUTE);
      if (kind && n === comes) thief = createThief({ kind, victim: browser, ask, clock, grace });
      await thief?.before();
      await browser.refresh(chance(0.5) ? pick(TROUBLES) : 'none');
      await thief?.after();
      done(1);
    }
    if (!browser.isOut) await ask({ kind: 'revoke', user, session: sessionId, now: clock.at });
    sessions.push({ session: sessionId, user, isKeyed, thief: thief?.kind, gains: thief?.gains, isOut: browser.isOut });
  }
  return sessions;
}

module.exports = { runHome };
