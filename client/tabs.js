// The tabs of one origin: messages between them, and a lock for everything that changes the cookie.

const ECHO_MS = 500;
const TURN_MS = 20_000;
const LOOK_MS = 50;

/** For one session per tab, or without BroadcastChannel: nothing is shared. */
export const ALONE = { tell() {}, exclusive: (work) => work(), close() {} };

export const pause = (ms, signal) =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done); // a signal lives as long as the session, with thousands of pauses
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });

/**
 * @param {string} name @param {(message: object) => void} hear called with each message of another tab
 * @returns tell(message); exclusive(work): runs it while no other tab does, after their messages have
 *   been handled; close()
 */
export function openTabs(name, hear) {
  if (!globalThis.BroadcastChannel) return ALONE;
  // `channel` receives what `mirror` sends, as from another tab
  const [channel, mirror] = [0, 1].map(() => new BroadcastChannel(name));
  channel.unref?.(); // Node: an open channel must not keep the process alive
  mirror.unref?.();
  // inTurn adds `bid` and `takenUntil`
  const self = { name, channel, mirror, id: Math.random(), queue: Promise.resolve(), hear };
  channel.onmessage = ({ data }) => heard(self, data);
  return {
    tell: (message) => say(self, message),
    exclusive: (work) => exclusive(self, work),
    close: () => {
      self.closed = true;
      channel.close();
      mirror.close();
    },
  };
}

function say(self, message, by = self.channel) {
  if (!self.closed) by.postMessage(message);
}

function heard(self, message) {
  if (message.echo) return message.echo === self.id && self.echoed(); // ignore other tabs' echoes
  // Ignore a lower bid. No bid: a turn is over
  if (!(message.bid < self.bid)) self.takenUntil = message.bid && performance.now() + TURN_MS;
  self.hear(message);
}

/**
 * Sends a message to this tab through the channel. Messages that another tab sent before it released the
 * lock arrive first. (If they did not, the only harm would be one extra refresh, which the server accepts.)
 */
function echo(self) {
  const heardIt = new Promise((resolve) => {
    self.echoed = resolve;
  });
  say(self, { echo: self.id }, self.mirror);
  return Promise.race([heardIt, pause(ECHO_MS)]);
}

function exclusive(self, work) {
  const locks = globalThis.navigator?.locks;
  const settled = () => echo(self); // before the release too: our messages then precede the next tab's echo
  if (locks) return locks.request(self.name, () => settled().then(work).finally(settled));
  return (self.queue = self.queue.catch(() => {}).then(() => inTurn(self, work)));
}

/**
 * Without Web Locks (plain http): a tab bids for its turn and collects other bids for LOOK_MS. The highest
 * bid goes first, the others wait for its messages. If a message takes longer than that, two tabs may send
 * a refresh, and the server answers both with the same successor.
 */
async function inTurn(self, work) {
  const isTaken = () => performance.now() < self.takenUntil;
  while (!self.bid || isTaken()) {
    self.bid = isTaken() ? 0 : Math.random();
    if (self.bid) say(self, { bid: self.bid });
    await pause(LOOK_MS);
    await echo(self); // handles bids that arrived but are queued behind this timer
  }
  // Not 0, which a bidding tab would take for a lower bid
  return work().finally(() => say(self, { bid: (self.bid = undefined) }));
}
