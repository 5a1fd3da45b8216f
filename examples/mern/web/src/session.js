// The one client of the page, with a fetch that writes down what goes over the wire.

import { createClient } from 'signet-jwt/client';
import { timeline } from './timeline.js';

let losesNextRefresh = false;

/** The next refresh reaches the server, but its answer is lost on the way back. */
export const loseNextRefresh = () => { losesNextRefresh = true; };

async function codeOf(response) {
  if (response.ok) return undefined;
  const body = await response.clone().json().catch(() => null);
  return typeof body === 'string' ? `"${body}"` : body?.code;
}

export async function watchedFetch(input, init) {
  const request = new Request(input, init);
  const { pathname: path } = new URL(request.url);
  const loses = losesNextRefresh && path === '/auth/refresh';
  if (loses) losesNextRefresh = false;
  const entry = timeline.request(request.method, path);
  try {
    const response = await fetch(request);
    const code = await codeOf(response);
    if (loses) throw new TypeError('the answer was lost');
    entry.done({ status: response.status, code });
    return response;
  } catch (err) {
    if (loses) entry.done({ status: 'lost' });
    else entry.done({ status: err.name === 'AbortError' ? 'dropped' : 'no answer' });
    throw err;
  }
}

export const client = createClient({ fetch: watchedFetch });

/** A call of the demo's own: not part of the app, so not written down. */
export async function demo(path, body) {
  const init = body && { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Demo': '1' }, body: JSON.stringify(body) };
  const response = await fetch(`/demo${path}`, init);
  if (!response.ok) throw new Error(`the demo's ${path} answered ${response.status}`);
  return response.status === 204 ? null : response.json();
}

const fromBase64url = (text) => decodeURIComponent(escape(atob(text.replace(/-/g, '+').replace(/_/g, '/'))));
const toBase64url = (text) => btoa(unescape(encodeURIComponent(text))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/** What anyone who has a token can read in it. */
export function decode(token) {
  const [header, payload] = token.split('.');
  return { header: JSON.parse(fromBase64url(header)), payload: JSON.parse(fromBase64url(payload)) };
}

/** Another payload under the same signature: what a forger would try. */
export function forge(token, payloadText) {
  const [header, , signature] = token.split('.');
  return [header, toBase64url(payloadText), signature].join('.');
}
