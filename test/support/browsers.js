'use strict';
// The honest browsers of a storm: they suffer every failure that a network has, and keep their keys as
// signet-jwt/client does. Time is the session's clock (clocks.js): `at`, in ms, and `pass(ms)`.
//
// `ask(order)` sends { kind: 'rotate', token, key, previousKey, now, actor } to a process, and resolves with
// { outcome, token }.

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Outcomes after which a client keeps its token: nothing was done, or the outcome is unknown. */
const mayTryAgain = (outcome) =>
  outcome === 'unknown' || outcome === 'ERR_BUSY' || /^ERR_(STORE|REFRESH_KEY)_|^ERR_CLOCK_UNSURE$/.test(outcome);
const isEnd = (outcome) => outcome === 'ERR_REFRESH_REUSED' || outcome === 'ERR_SESSION_REVOKED';
const isSuperseded = ({ outcome }) => outcome === 'ERR_REFRESH_SUPERSEDED';

/** 28 characters that cannot be guessed. */
const newKey = ({ unit }) => Array.from({ length: 4 }, () => unit().toString(36).slice(2, 9).padEnd(7, '0')).join('');

/** The troubles of a request: each sends the order in its own way, and resolves with the last [order, answer]. */
const TROUBLES = {
  async none(browser, order) {
    return [order, await browser.send(order)];
  },
  /** The answer is lost, perhaps twice. The same request is sent again later. */
  async lost(browser, order) {
    for (let n = 1 + browser.random.below(2); n > 0; n -= 1) {
      await browser.send(order);
      await browser.wait();
    }
    return [order, await browser.send(order)];
  },
  /** Two processes get the same request. */
  async doubled(browser, order) {
    const [answer] = await Promise.all([browser.send(order), browser.send(order)]);
    return [order, answer];
  },
  /** The request arrives again after the browser has moved on. */
  async straggling(browser, order) {
    browser.late.push({ order, after: browser.exchanges + 1 + browser.random.below(2), until: browser.patienceEnds() });
    return [order, await browser.send(order)];
  },
  /** The tab is killed; its cookie may have arrived. The next request finds the key still pending. */
  async killed(browser, order) {
    const { token } = await browser.send(order);
    if (token && browser.random.below(2) === 0) browser.setCookie(token);
    await browser.wait();
    const next = browser.order();
    return [next, await browser.send(next)];
  },
  /** Another tab with its own key, since storage has no locks. Each sends its own until it is answered. */
  async tabs(browser, order) {
    const orders = [order, { ...order, key: order.key && newKey(browser.random) }];
    const answers = await Promise.all(orders.map((one) => browser.sendUntilTold(one)));
    const won = answers.findIndex(({ token }) => token);
    return [orders[Math.max(won, 0)], answers[Math.max(won, 0)]];
  },
  /** A slow answer to the previous request replaces the cookie before the next request. */
  async 'put back'(browser, order) {
    const answer = await browser.send(order);
    if (!answer.token) return [order, answer];
    browser.take(order, answer);
    browser.jar = order.token;
    await browser.wait();
    const next = browser.order();
    return [next, await browser.send(next)];
  },
};

/**
 * @param {{ ask: Function, token: string, isKeyed: boolean, clock: { at: number, pass: Function }, random: object,
 *   grace: number }} options clock: the session's; random: of random.js; isKeyed: it sends keys
 */
function createBrowser({ ask, token, isKeyed, clock, random, grace }) {
  // Without keys, a client has the grace period, minus the difference of the clocks.
  const patience = isKeyed ? 20 * MINUTE : grace / 3;
  let arriving = Promise.resolve();
  const browser = {
    random,
    isKeyed,
    isOut: false,
    jar: token, // the cookie
    used: undefined, // the token that was last exchanged
    pending: undefined, // the storage's two keys
    previous: undefined,
    exchanges: 0,
    late: [],

    wait: () => clock.pass((random.unit() * patience) / 2),
    patienceEnds: () => clock.at + patience,

    /** The request that the client would send now. */
    order() {
      if (isKeyed) browser.pending ??= newKey(random);
      const actor = isKeyed ? 'browser' : 'browser without keys';
      return { kind: 'rotate', token: browser.jar, key: browser.pending, previousKey: browser.previous, actor };
    },
    async send(order) {
      arriving = arriving.then(arrive);
      await arriving;
      return ask({ ...order, now: clock.at });
    },
    async sendUntilTold(order) {
      for (;;) {
        const answer = await browser.send(order);
        if (!mayTryAgain(answer.outcome)) return answer;
        await clock.pass(SECOND / 10);
      }
    },

    setCookie(successor) {
      if (successor === browser.jar) return;
      browser.used = browser.jar;
      browser.jar = successor;
      browser.exchanges += 1;
    },
    take(order, { outcome, token: successor }) {
      if (isEnd(outcome)) browser.isOut = true;
      if (!successor) return;
      browser.setCookie(successor);
      browser.pending = undefined;
      browser.previous = order.key;
    },

    /** Renews the access token, with one of TROUBLES on the way. */
    async refresh(trouble = 'none') {
      let [order, answer] = await TROUBLES[trouble](browser, browser.order());
      if (mayTryAgain(answer.outcome)) answer = await browser.sendUntilTold(order);
      // 409: immediately with a new key, then once more after Retry-After; the cookie may have changed by then
      for (const wait of [0, grace + SECOND]) {
        if (!isSuperseded(answer)) break;
        await clock.pass(wait);
        browser.pending = undefined;
        order = browser.order();
        answer = await browser.sendUntilTold(order);
      }
      browser.take(order, answer);
      return answer.outcome;
    },
  };

  /** Delayed requests arrive in turn; nobody waits for their answers. Without keys, not after the patience is over. */
  async function arrive() {
    const due = browser.late.filter(({ after }) => browser.exchanges >= after);
    browser.late = browser.late.filter(({ after }) => browser.exchanges < after);
    for (const { order, until } of due) if (isKeyed || clock.at < until) await ask({ ...order, now: clock.at });
  }
  return browser;
}

module.exports = { MINUTE, SECOND, TROUBLES: Object.keys(TROUBLES), createBrowser, isEnd, mayTryAgain, newKey };
