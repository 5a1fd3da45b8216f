// Requests to the routes of auth.router(), again until there is an answer.

import { pause } from './tabs.js';

/** Pauses before each further attempt after a lost answer or a "try again". */
const PAUSES_MS = [250, 750, 1500, 3000, 5000];
/**
 * All pauses between the attempts of one request, well within the grace period. A longer Retry-After is left to the
 * next call.
 */
const LIMIT_MS = 10_000;
/** An answer that takes longer counts as lost. The server gives up sooner: claimsTimeout 3 s, storeTimeout 5 s. */
const ANSWER_MS = 10_000;

/** A definite refusal: not 5xx, 409, 429 or a lost answer. Takes an answer, or the error made from one. */
export const isRefusal = (reply) => /^4(?!09|29)/.test(reply?.status);

/** True if the request succeeded, if the session has definitely ended, or if a newer token is in use (409). */
const isAnswer = ({ status, answer }, path) =>
  status === 200 ? answer : status < 300 || (/^4(01|09)/.test(status) && path !== '/login');

/** The server's { code, message } as an Error. */
export function failure({ status, answer, retryAfter }) {
  return Object.assign(new Error(answer?.message ?? `HTTP ${status}`), { code: answer?.code, status, retryAfter });
}

/**
 * @returns ask(path, body, signal, pauses): tries again until there is a definite answer or no pause is left.
 *   Resolves to { status, answer, sentAt, retryAfter }: `sentAt` is taken from the monotonic clock before the request
 *   is sent, so that a slow answer never makes a token look fresher.
 */
export function createWire({ baseUrl, credentials, send, now }) {
  async function one(path, body, signal) {
    const sentAt = now();
    const response = await send(baseUrl + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Signet': '1' },
      body: JSON.stringify(body),
      credentials,
      keepalive: true, // keeps the answer's cookie even if the user leaves the page
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    const answer = await response.json().catch(() => null);
    return {
      status: response.status,
      answer,
      sentAt,
      retryAfter: +response.headers.get('Retry-After') || undefined, // a date is ignored: this machine's may be wrong
    };
  }

  return async function ask(path, body, signal, pauses = PAUSES_MS) {
    let reply, error;
    let left = LIMIT_MS;
    for (const ms of [0, ...pauses]) {
      const wait = Math.max(Math.min(ms * (0.5 + Math.random()), left), reply?.retryAfter * 1000 || 0);
      left -= wait;
      if (left < 0) break;
      await pause(wait, signal);
      [reply, error] = await one(path, body, signal).then(
        (answered) => [answered],
        (err) => [null, err],
      );
      if (reply && isAnswer(reply, path)) return reply;
      if (signal.aborted || isRefusal(reply)) break;
    }
    throw error ?? failure(reply);
  };
}
