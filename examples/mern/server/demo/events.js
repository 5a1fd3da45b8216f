'use strict';
// The sessions' events as a stream of server-sent events, each with the session's record in the store at that time.

const EVENTS = ['login', 'rotate', 'retry', 'straggler', 'reuse', 'logout', 'revoke', 'rollback'];
const KEPT = 100;
const SHOWN = ['userId', 'sessionId', 'reason', 'userAgent', 'generation', 'retries', 'userAgentChanged'];

/**
 * @param {import('signet-jwt').Auth} auth
 * @param {(sessionId: string) => Promise<object | null>} readRecord
 * @returns the handler of GET /events
 */
function createEventStream(auth, readRecord) {
  const listeners = new Set();
  const kept = [];
  let queue = Promise.resolve(); // records are read in the order of the events
  let lastId = 0;

  function publish(type, event) {
    const shown = { type, at: Date.now() };
    for (const name of SHOWN) if (event[name] !== undefined) shown[name] = event[name];
    queue = queue.then(async () => {
      const record = event.sessionId ? await readRecord(event.sessionId) : null;
      const line = `id: ${++lastId}\ndata: ${JSON.stringify({ ...shown, record })}\n\n`;
      kept.push({ id: lastId, line });
      if (kept.length > KEPT) kept.shift();
      for (const res of listeners) res.write(line);
    });
  }
  for (const type of EVENTS) auth.on(type, (event) => publish(type, event));

  return (req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    res.write(': open\n\n');
    const seen = Number(req.headers['last-event-id'] ?? req.query.after ?? lastId);
    for (const { id, line } of kept) if (id > seen) res.write(line);
    listeners.add(res);
    res.on('close', () => listeners.delete(res));
  };
}

module.exports = { createEventStream };
