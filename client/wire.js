// Requests to the routes of auth.router(), with retries.

import { pause } from './tabs.js';

/** Pauses before the next try of a request whose answer was lost, or was "try again": 10 s in all, well inside the grace period. */
const PAUSES_MS = [250, 750, 1500, 3000, 5000];
/** An answer that takes longer counts as lost. The server gives up sooner: claimsTimeout 3 s, storeTimeout 5 s. */
const ANSWER_MS = 10_000;

/** For sure, and every time: not 5xx, not 429 (later), not a lost answer. Of an answer, or of the error that is made of one. */
export const isRefusal = (reply) => /^4(?!29)/.test(reply?.status);

/** Done, or for sure the end of the session. */
const isAnswer = ({ status, answer }, path) => (status === 200 ? answer : status < 300 || (status === 401 && path !== '/login'));

/** The server's { code, message } as an Error. */
function failure({ status, answer }) {
  return Object.assign(new Error(answer?.message ?? `HTTP ${status}`), { code: answer?.code, status });
}

/**
 * @returns ask(path, body, signal, pauses): again until there is a definite answer or the pauses are used up. Gives { status, answer, sentAt }:
 * `sentAt` by the monotonic clock, before the request left, so that a slow answer never makes a token look fresher.
 */
export function createWire({ baseUrl, credentials, send, now }) {
  async function one(path, body, signal) {
    const sentAt = now();
    const response = await send(baseUrl + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Signet': '1' },
      body: JSON.stringify(body),
      credentials,
      keepalive: true, // the answer's cookie is kept though the page is left
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    const answer = await response.json().catch(() => null);
    return { status: response.status, answer, sentAt, retryMs: Math.min(response.headers.get('Retry-After') * 1000, 10_000) };
  }

  return async function ask(path, body, signal, pauses = PAUSES_MS) {
    let reply, error;
    for (const ms of [0, ...pauses]) {
      await pause(Math.max(ms * (0.5 + Math.random()), reply?.retryMs || 0), signal);
      [reply, error] = await one(path, body, signal).then((answered) => [answered], (err) => [null, err]);
      if (reply && isAnswer(reply, path)) return reply;
      if (signal.aborted || isRefusal(reply)) break;
    }
    throw error ?? failure(reply);
  };
}
