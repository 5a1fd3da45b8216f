// Storage of a tab's refresh token (transport 'body'): { get, set, remove }, which may return promises.

const DUPLICATE_MS = 1000;

const slot = (place, key, opened) => ({
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
async function openSession(key) {
  const tabKey = `${key}:tab`;
  const name = (sessionStorage[tabKey] ??= crypto.randomUUID());
  if (await isFree(name)) return;
  delete sessionStorage[key];
  delete sessionStorage[tabKey];
  await openSession(key);
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

/** @param {'memory' | 'session' | object} storage @param {string} key */
export function openStorage(storage, key) {
  if (storage === 'memory') return slot({}, key);
  return storage === 'session' ? slot(sessionStorage, key, openSession(key)) : storage;
}
