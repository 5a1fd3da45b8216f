// Requests to the routes of auth.router(), with retries.

import { pause } from './tabs.js';

/** Pauses before each retry after a lost answer or a "try again": 10 s in total, well within the grace period. */
const PAUSES_MS = [250, 750, 1500, 3000, 5000];
/** An answer that takes longer counts as lost. The server gives up sooner: claimsTimeout 3 s, storeTimeout 5 s. */
const ANSWER_MS = 10_000;

/** A definite refusal: not 5xx, 429 or a lost answer. Takes an answer, or the error made from one. */
export const isRefusal = (reply) => /^4(?!29)/.test(reply?.status);

/** True if the request succeeded, or if the session has definitely ended. */
const isAnswer = ({ status, answer }, path) =>
  status === 200 ? answer : status < 300 || (status === 401 && path !== '/login');

/** The server's { code, message } as an Error. */
function failure({ status, answer }) {
  return Object.assign(new Error(answer?.message ?? `HTTP ${status}`), { code: answer?.code, status });
}

/**
 * @returns ask(path, body, signal, pauses): retries until there is a definite answer or no pause is left.
 *   Resolves to { status, answer, sentAt }: `sentAt` is taken from the monotonic clock before the request
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
      retryMs: Math.min(response.headers.get('Retry-After') * 1000, 10_000),
    };
  }

  return async function ask(path, body, signal, pauses = PAUSES_MS) {
    let reply, error;
    for (const ms of [0, ...pauses]) {
      await pause(Math.max(ms * (0.5 + Math.random()), reply?.retryMs || 0), signal);
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
