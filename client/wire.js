// Requests to the routes of auth.router(), and when one is sent again.

import { pause } from './tabs.js';

/** Pauses before the next try of a request whose answer was lost, or was "try again": 10 s in all, well inside the grace period. */
const PAUSES_MS = [250, 750, 1500, 3000, 5000];
/** An answer that takes longer counts as lost. The server gives up sooner: claimsTimeout 3 s, storeTimeout 5 s. */
const ANSWER_MS = 10_000;

const isTransient = ({ status, answer }) => status >= 500 || status === 429 || (status === 200 && !answer);

/** The server's { code, message } as an Error. */
export function failure({ status, answer }) {
  return Object.assign(new Error(answer?.message ?? `HTTP ${status}`), { code: answer?.code, status });
}

/**
 * @returns one(path, body, signal): one try; sure(path, body, signal): again until there is a definite answer or the pauses are used up.
 * Both give { status, answer, sentAt }: `sentAt` by the monotonic clock, before the request left, so that a slow answer never makes a token
 * look fresher.
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

  async function sure(path, body, signal) {
    let reply, error;
    for (const ms of [0, ...PAUSES_MS]) {
      await pause(Math.max(ms * (0.5 + Math.random()), reply?.retryMs || 0), signal);
      [reply, error] = await one(path, body, signal).then((answered) => [answered], (err) => [null, err]);
      if (reply && !isTransient(reply)) return reply;
      if (signal.aborted) break;
    }
    throw error ?? failure(reply);
  }

  return { one, sure };
}
