// Runs lessons: one at a time on the whole server, which puts everything back afterwards. What a lesson claims is
// checked, and what was seen is said.

import { useSyncExternalStore } from 'react';
import { onServerEvent } from './events.js';
import { demo } from './session.js';

const SOON_MS = 1500;
const listeners = new Set();
let running = null;

function setRunning(id) {
  running = id;
  for (const listener of listeners) listener();
}
const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The id of the lesson that runs in this page, or null. */
export const useRunning = () => useSyncExternalStore(subscribe, () => running);

/** The server's events from now on. `has(type)` waits a moment for one. */
function collectEvents() {
  const seen = [];
  let look = () => {};
  const stop = onServerEvent((event) => {
    seen.push(event);
    look();
  });
  return {
    stop,
    has: (type) =>
      new Promise((resolve) => {
        const done = (value) => {
          clearTimeout(timer);
          look = () => {};
          resolve(value);
        };
        const timer = setTimeout(done, SOON_MS, false);
        look = () => seen.some((event) => event.type === type) && done(true);
        look();
      }),
  };
}

/**
 * @param {string} id
 * @param {(tools: { check: (claim: string, isSo: boolean) => void, events: ReturnType<typeof collectEvents> }) =>
 *   Promise<object | void>} work
 * @returns {Promise<{ checks: { claim: string, isSo: boolean }[], problem?: string }>} with what `work` returned
 */
export async function runLesson(id, work) {
  const checks = [];
  const check = (claim, isSo) => checks.push({ claim, isSo });
  const events = collectEvents();
  let ticket;
  setRunning(id);
  try {
    ({ ticket } = await demo('/lesson', {}));
    return { ...(await work({ check, events })), checks };
  } catch (err) {
    return { checks, problem: err.message };
  } finally {
    events.stop();
    if (ticket) await demo('/lesson/end', { ticket }).catch(() => {});
    setRunning(null);
  }
}
