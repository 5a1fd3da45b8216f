// The page's client, with a fetch that records all requests in the timeline.

import { createClient } from 'signet-jwt/client';
import { timeline } from './timeline.js';

/**
 * An answer's status and, for an error, its code or text; 'lost' if the answer was cut off.
 */
async function describe(response) {
  const text = await response
    .clone()
    .text()
    .catch(() => null);
  if (text === null) return { status: 'lost' };
  if (response.ok) return { status: response.status };
  const body = JSON.parse(text || 'null');
  return { status: response.status, code: typeof body === 'string' ? `"${body}"` : body?.code };
}

export async function watchedFetch(input, init) {
  const request = new Request(input, init);
  const { pathname: path } = new URL(request.url);
  const entry = timeline.request(request.method, path);
  try {
    const response = await fetch(request);
    entry.done(await describe(response));
    return response;
  } catch (err) {
    entry.done({ status: err.name === 'AbortError' ? 'dropped' : 'no answer' });
    throw err;
  }
}

export const client = createClient({ fetch: watchedFetch });

/** A call to the demo's routes, which are not part of the app: not recorded in the timeline. */
export async function demo(path, body) {
  const init = body && {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Demo': '1' },
    body: JSON.stringify(body),
  };
  const response = await fetch(`/demo${path}`, init);
  if (!response.ok) throw new Error(`the demo's ${path} answered ${response.status}`);
  return response.status === 204 ? null : response.json();
}

const fromBase64url = (text) => decodeURIComponent(escape(atob(text.replace(/-/g, '+').replace(/_/g, '/'))));
const toBase64url = (text) =>
  btoa(unescape(encodeURIComponent(text)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

/** The header and payload, which anyone who has the token can read. */
export function decode(token) {
  const [header, payload] = token.split('.');
  return { header: JSON.parse(fromBase64url(header)), payload: JSON.parse(fromBase64url(payload)) };
}

/** A forged token: another payload with the same signature. */
export function forge(token, payloadText) {
  const [header, , signature] = token.split('.');
  return [header, toBase64url(payloadText), signature].join('.');
}
