// The stream of the server's events, open while the page is visible (a browser allows six connections per server, for
// all of its tabs together).

import { timeline } from './timeline.js';

const listeners = new Set();
let lastId = null;
let source = null;
let ownSession = null;

/** @param {string | null} id the session of this page; what the server tells of others is marked so */
export function isOwnSession(id) {
  ownSession = id;
}

function receive({ data, lastEventId }) {
  lastId = lastEventId;
  const event = JSON.parse(data);
  for (const listener of listeners) listener(event);
  timeline.event({ ...event, isOther: ownSession !== null && event.sessionId !== ownSession });
}

function follow() {
  source?.close();
  source = null;
  if (document.hidden) return;
  source = new EventSource(`/demo/events${lastId ? `?after=${lastId}` : ''}`);
  source.onmessage = receive;
}

follow();
document.addEventListener('visibilitychange', follow);

/** @returns a function that ends the subscription */
export function onServerEvent(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
