// signet-jwt/client: the browser's side of auth.router(). Its fetch sends the access token and renews it
// once for all calls and tabs.

import { openKeys } from './keys.js';
import { openStorage, slot } from './storage.js';
import { ALONE, openTabs, pause } from './tabs.js';
import { createWire, failure, isRefusal } from './wire.js';

/** A token is renewed this long before it expires, or in the last sixth of its lifetime if that is shorter. */
const MARGIN_MS = 10_000;
/** The pause between two attempts to restore the session while the server cannot be reached. */
const RESTORE_MS = 5000;
/** The longest wait for a server's Retry-After: the longest grace period and two seconds. */
const LONGEST_MS = 122_000;
/** The pause before a token is sent again to a server that does not know its key yet. */
const KEY_MS = 1000;

const absolute = (url) => new URL(url, globalThis.location?.href ?? 'http://localhost');
const originOf = (url) => absolute(url).origin;

/** @type {typeof import('./index.d.ts').createClient} */
export function createClient(options) {
  const {
    baseUrl = '/auth',
    transport = 'cookie',
    storage = 'memory',
    origins = [],
    refreshOn = (response) => response.status === 401,
    fetch: send = (...args) => globalThis.fetch(...args),
    now = () => performance.now(),
  } = { __proto__: null, ...options };
  const sharesCookie = transport === 'cookie';
  const key = `signet:${baseUrl}`;
  const keysName = `signet:${absolute(baseUrl)}:keys`;
  const shared = sharesCookie ? sharedPlace() : null;
  const place = sharesCookie ? null : openStorage(storage, key, keysName);
  const self = {
    key,
    refreshOn,
    send,
    now,
    origins: [baseUrl, ...origins].map(originOf),
    ask: createWire({ baseUrl, send, now, credentials: sharesCookie ? 'include' : 'omit' }),
    storage: place,
    keys: openKeys(place ? place.keys : shared && slot(shared, keysName)),
    state: {},
    access: null, // { token, expiresAt, staleAt }, by `now`
    sid: null, // the session that `access` belongs to
    gone: new Set(), // sessions that have ended: late messages about them are ignored
    refusal: null, // the server's answer that ended the last session
    superseded: null, // the error of all renewals while a token that was rotated elsewhere waits for its successor
    over: new AbortController(), // aborted by the next login or logout, which discards earlier calls
    renewing: null, // the one renewal of this tab
    listeners: new Set(),
    debts: shared ?? {}, // a logout that has not reached the server yet
  };
  show(self, 'loading');
  self.tabs = sharesCookie ? openTabs(key, (message) => hear(self, message)) : ALONE;
  self.ready = restore(self);
  return {
    ready: self.ready,
    login: (credentials) => login(self, credentials),
    logout: () => logout(self),
    fetch: (input, init) => fetchWithToken(self, input, init),
    getToken: (refused) => getToken(self, refused),
    getState: () => self.state,
    subscribe: (listener) => {
      self.listeners.add(listener);
      return () => self.listeners.delete(listener);
    },
    close: watchPage(self),
  };
}

/** What the tabs of this origin share, as they share the cookie. */
function sharedPlace() {
  try {
    return localStorage;
  } catch {} // blocked, or not a browser
}

// ---- state

function show(self, status, user = null, expiresAt = null, error = null) {
  const before = self.state.user;
  // The same user stays the same object, so that the page does not render again
  const sameUser = JSON.stringify(user) === JSON.stringify(before);
  self.state = Object.freeze({ status, user: sameUser ? before : user, expiresAt, error });
  // In a microtask each, so that an error in one does not affect the others
  for (const listener of self.listeners) queueMicrotask(() => listener(self.state));
}

/** Switches to another session, or to none, and aborts calls of the previous one. */
function turn(self, sid) {
  self.gone.add(self.sid);
  self.sid = sid;
  self.over.abort();
  self.over = new AbortController();
  self.renewing = self.superseded = null;
}

/** The session ID in an access token, unverified: only the server can verify it. */
const sessionOf = (token) => JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).sid;

function take(self, { token, user, leftMs }) {
  const sid = sessionOf(token);
  if (self.gone.has(sid)) return;
  if (sid !== self.sid) turn(self, sid);
  self.superseded = null;
  const expiresAt = self.now() + leftMs;
  self.access = { token, expiresAt, staleAt: expiresAt - Math.min(MARGIN_MS, leftMs / 6) };
  show(self, 'in', user, Date.now() + leftMs);
}

function leave(self, refusal) {
  turn(self, null);
  self.access = null;
  self.refusal = refusal;
  if (self.state.status !== 'out') show(self, 'out');
}

/** Handles another tab's message: `access`, or the end of session `sid` (null: the cookie's session). */
function hear(self, { access, ended, sid, refusal }) {
  if (access) take(self, access);
  if (ended && (!sid || !self.sid || sid === self.sid)) leave(self, refusal);
}

/** Removes the tokens and keys of a session that has ended. */
async function forget(self) {
  await self.storage?.remove();
  await self.keys.drop();
}

/** Stores the tokens of a login or renewal and sends them to the other tabs. `key`: the renewal's. */
async function accept(self, { answer, sentAt }, key) {
  const { signal } = self.over;
  await self.storage?.set(answer.refreshToken);
  if (key) await self.keys.settle(key, key);
  if (signal.aborted) return forget(self);
  const access = {
    token: answer.accessToken,
    user: answer.user,
    leftMs: sentAt + answer.expiresIn * 1000 - self.now(),
  };
  take(self, access);
  self.tabs.tell({ access });
}

function end(self, refusal) {
  self.tabs.tell({ ended: true, sid: self.sid, refusal });
  leave(self, refusal);
}

// ---- renewal

/** One renewal for all callers that wait. `attempts`: how often at most, at once, if a newer token is in use. */
async function renew(self, attempts = 2) {
  if (self.superseded) throw self.superseded;
  const {
    access,
    over: { signal },
  } = self;
  const isOver = () => signal.aborted || self.access !== access; // another tab was first, or the session has changed
  const renewal = (self.renewing ??= self.tabs.exclusive(() => renewUnless(self, isOver, signal, attempts)));
  const done = () => {
    if (self.renewing === renewal) self.renewing = null;
  };
  renewal.then(done, done);
  return renewal;
}

async function renewUnless(self, isOver, signal, attempts) {
  const refreshToken = await self.storage?.get();
  if (isOver()) return;
  const keys = await self.keys.take();
  if (isOver()) return;
  const reply = await self.ask('/refresh', { refreshToken, ...keys }, signal);
  if (isOver()) return;
  const { idempotencyKey: key, previousKey } = keys;
  if (reply.status === 200) return accept(self, reply, key);
  if (reply.status === 409) {
    await self.keys.settle(key, attempts ? previousKey : undefined);
    return attempts > 1 ? renewUnless(self, isOver, signal, 1) : wait(self, failure(reply), attempts, signal);
  }
  await forget(self);
  if (!isOver()) end(self, reply.answer ?? {});
}

/**
 * After a second 409: renewals are rejected until the Retry-After has passed. Then one more attempt: either another
 * tab's cookie has come meanwhile, or the server sees that the token was used twice and ends the session. If it is a
 * 409 again, the key of the last exchange is why, which would be answered so for good: it is not sent any more.
 */
function wait(self, error, attempts, signal) {
  if (attempts) {
    self.superseded = error;
    later(waitMs(error), () => {
      if (signal.aborted || self.superseded !== error) return;
      self.superseded = null;
      renew(self, 0).catch(() => {});
    });
  }
  throw error;
}

function later(ms, run) {
  const timer = setTimeout(run, ms);
  timer.unref?.(); // Node: what waits here must not keep the process alive
  return timer;
}

const waitMs = (error) => Math.min(error?.retryAfter * 1000 || RESTORE_MS, LONGEST_MS);

/** A token to send, or null if there is no session. `refused`: the token that a server has just refused. */
async function getToken(self, refused) {
  await restored(self);
  if (self.state.status === 'out') return null;
  const { access } = self;
  const isUsable = access && access.token !== refused && self.now() < access.expiresAt;
  if (!isUsable) await renew(self);
  else if (self.now() >= access.staleAt) renew(self).catch(() => {}); // early: a failure is harmless
  return self.access?.token ?? null;
}

/**
 * For a call whose session ended while it waited: the server's answer if the server ended it, otherwise an AbortError.
 */
function late({ refusal }, signal) {
  if (!refusal) throw signal.reason;
  return Response.json(refusal, { status: 401 });
}

const codeOf = async (response) => (await response.clone().json()).code;
/** Whether the server that refused the token lacks the secret that signed it: other servers have it already. */
const hasUnknownKey = async (response) =>
  response.status === 401 && (await codeOf(response).catch(() => {})) === 'ERR_KEY_UNKNOWN';

async function fetchWithToken(self, input, init) {
  const request = new Request(input, init);
  const isOurs = self.origins.includes(originOf(request.url)) && !request.headers.has('Authorization');
  if (!isOurs) return self.send(request);
  await restored(self);
  const { signal } = self.over;
  const attempt = async (token) => {
    if (signal.aborted) return late(self, signal);
    const copy = request.clone(); // a body can be read only once, and may have to be sent again
    if (token) copy.headers.set('Authorization', `Bearer ${token}`);
    return self.send(copy);
  };
  const token = await getToken(self);
  let answer = await attempt(token);
  const isRefused = token && (await self.refreshOn(answer));
  const next = isRefused && (await getToken(self, token));
  for (let left = 2; next && left > 0; left -= 1) {
    const isTooNew = await hasUnknownKey(answer);
    if (left === 1 && !isTooNew) break;
    if (isTooNew) await pause(KEY_MS, signal);
    answer = await attempt(next);
  }
  if (token && answer.ok) signal.throwIfAborted();
  return answer;
}

// ---- login, logout, reload

async function login(self, credentials) {
  return self.tabs.exclusive(async () => {
    const { signal } = self.over;
    const reply = await self.ask('/login', credentials, signal, []);
    signal.throwIfAborted();
    settle(self);
    await accept(self, reply);
    return self.state.user;
  });
}

/** Logs out all tabs at once. Sends the logout until it reaches the server, after a reload too. */
async function logout(self) {
  owe(self);
  end(self);
  const refreshToken = await self.storage?.get();
  await forget(self);
  await payLogout(self, refreshToken);
}

function payLogout(self, refreshToken) {
  return self.tabs.exclusive(async () => {
    if (!owes(self)) return; // another tab has paid, or a login has ended the old session
    await self.ask('/logout', { refreshToken }, new AbortController().signal);
    settle(self);
  });
}

/**
 * Marks the logout as pending. The mark (never a token) survives a reload: otherwise the cookie would log
 * the page in again if the logout did not reach the server.
 */
function owe(self) {
  try {
    self.debts[self.key] = 1;
  } catch {
    // full
    self.debts = { [self.key]: 1 };
  }
}

const owes = ({ debts, key }) => key in debts;
const settle = ({ debts, key }) => delete debts[key];

async function restore(self) {
  if (owes(self)) {
    show(self, 'out');
    return payLogout(self).catch(() => {});
  }
  if (self.storage && !(await self.storage.get())) return show(self, 'out');
  return renew(self).catch((error) => {
    if (isRefusal(error)) {
      // a wrong request: the server's message explains how to fix it
      console.error(error);
      return show(self, 'out', null, null, error);
    }
    // unknown is not "out": the status stays `loading`, and the attempt is repeated
    self.timer = later(Math.max(RESTORE_MS, waitMs(error)), () => restoreAgain(self));
  });
}

const restoreAgain = (self) => self.state.status === 'loading' && restore(self);

/** Waits until the session is known. Rejects if the server cannot be reached. */
async function restored(self) {
  if (self.state.status === 'loading') await self.ready;
  if (self.state.status === 'loading') await renew(self);
}

/**
 * Restores or renews the session when the page comes back online or from the back-forward cache.
 * @returns a function that stops everything
 */
function watchPage(self) {
  const closing = new AbortController();
  // `closing` serves as the options: { signal }
  const on = (event, listener) => globalThis.addEventListener?.(event, listener, closing);
  on('online', () => restoreAgain(self));
  on('pageshow', ({ persisted }) => persisted && renew(self).catch(() => {}));
  return () => {
    closing.abort();
    clearTimeout(self.timer);
    self.over.abort();
    self.tabs.close();
  };
}
