// Storage of a tab's refresh token (transport 'body'): { get, set, remove }, which may return promises. `keys` is the
// same for the keys of its refreshes.

import { randomText } from './keys.js';

const DUPLICATE_MS = 1000;

export const slot = (place, key, opened) => ({
  get: async () => {
    await opened;
    return place[key];
  },
  set: (token) => {
    place[key] = token;
  },
  remove: () => {
    delete place[key];
  },
});

/**
 * sessionStorage survives a reload, but "Duplicate tab" copies it, and two tabs that rotate one token look
 * like a theft. So each tab holds a lock whose name is stored next to the token. If the lock is taken,
 * the tab is a copy and starts logged out.
 */
async function openSession(...names) {
  const tabKey = `${names[0]}:tab`;
  const name = (sessionStorage[tabKey] ??= randomText());
  if (await isFree(name)) return;
  for (const copied of [tabKey, ...names]) delete sessionStorage[copied];
  await openSession(...names);
}

/** Takes the lock until the page ends. A reload waits briefly for the previous page to release it. */
function isFree(name) {
  return new Promise((resolve) => {
    const untilTheEnd = () => new Promise(() => resolve(true));
    navigator.locks
      ?.request(name, { signal: AbortSignal.timeout(DUPLICATE_MS) }, untilTheEnd)
      .catch(() => resolve(false)) ?? resolve(true);
  });
}

/** @param {'memory' | 'session' | object} storage @param {string} name of the token @param {string} keysName */
export function openStorage(storage, name, keysName) {
  if (storage?.get) return storage;
  const isSession = storage === 'session';
  const place = isSession ? sessionStorage : {};
  const opened = isSession && openSession(name, keysName);
  return { ...slot(place, name, opened), keys: slot(place, keysName, opened) };
}
