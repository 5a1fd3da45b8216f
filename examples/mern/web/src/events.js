// The server's events, as a stream, while the page is seen (a browser keeps only six connections to a server for all
// its tabs).

import { timeline } from './timeline.js';

const SOON_MS = 1000;
const listeners = new Set();
let lastId = null;
let source = null;

function hear({ data, lastEventId }) {
  lastId = lastEventId;
  const event = JSON.parse(data);
  for (const listener of listeners) listener(event);
  timeline.event(event);
}

function follow() {
  source?.close();
  source = null;
  if (document.hidden) return;
  source = new EventSource(`/demo/events${lastId ? `?after=${lastId}` : ''}`);
  source.onmessage = hear;
}

follow();
document.addEventListener('visibilitychange', follow);

/** Settles with the next event of one of these types, or with null where none comes soon. @param {string[]} types */
export function nextServerEvent(types) {
  return new Promise((resolve) => {
    const stop = onServerEvent((event) => types.includes(event.type) && done(event));
    const timer = setTimeout(() => done(null), SOON_MS);
    function done(event) {
      stop();
      clearTimeout(timer);
      resolve(event);
    }
  });
}

/** @returns what ends it */
export function onServerEvent(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
