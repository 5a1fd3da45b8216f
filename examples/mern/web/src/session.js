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
  if (response.ok) return response.status === 204 ? null : response.json();
  const { message } = await response.json().catch(() => ({}));
  throw new Error(message ?? `the demo's ${path} answered ${response.status}`);
}

const fromBase64url = (text) =>
  new TextDecoder().decode(Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0)));
const toBase64url = (text) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');

/** The header and payload, which anyone who has the token can read; null if there are none. */
export function read(token) {
  try {
    const [header, payload] = token.split('.', 2).map((part) => JSON.parse(fromBase64url(part)));
    return { header, payload: Object(payload) };
  } catch {
    return null;
  }
}

export const payloadOf = (token) => read(token).payload;

/** A token with another header and payload, and the same signature. @param {[string, string]} texts */
export const encode = (texts, token) => [...texts.map(toBase64url), token.split('.')[2] ?? ''].join('.');
