// The tabs of one origin: what one tells the others, and one at a time for whatever changes the cookie.

const ECHO_MS = 500;
const TURN_MS = 20_000;
const LOOK_MS = 50;

/** Where there is nothing to share: one session a tab, or no BroadcastChannel. */
export const ALONE = { tell() {}, exclusive: (work) => work(), close() {} };

export const pause = (ms, signal) => new Promise((resolve) => {
  setTimeout(resolve, ms);
  signal?.addEventListener('abort', resolve);
});

/**
 * @param {string} name @param {(message: object) => void} hear a message of another tab
 * @returns tell(message); exclusive(work): runs it while no other tab does, and after all that those have told has been heard; close()
 */
export function openTabs(name, hear) {
  if (typeof BroadcastChannel === 'undefined') return ALONE;
  const [channel, mirror] = [0, 1].map(() => new BroadcastChannel(name)); // `channel` hears what `mirror` says, as another tab would
  channel.unref?.(); // Node: an open channel is no reason to stay alive
  mirror.unref?.();
  const self = { name, channel, mirror, id: Math.random(), busyUntil: 0, queue: Promise.resolve(), hear };
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
  if (!self.closed) by.postMessage({ ...message, from: self.id });
}

function heard(self, message) {
  if (message.echo) return message.from === self.id && self.echoed(); // echoes of other tabs are nothing to us
  self.busyUntil = message.busy ? performance.now() + TURN_MS : 0;
  self.hear(message);
}

/**
 * A message to ourselves, the way of all messages. What another tab told before it gave up the lock is in front of it. (Were it not, one
 * refresh too many would be the harm: the server takes it.)
 */
function echo(self) {
  const heardIt = new Promise((resolve) => { self.echoed = resolve; });
  say(self, { echo: true }, self.mirror);
  return Promise.race([heardIt, pause(ECHO_MS)]);
}

function exclusive(self, work) {
  const turn = () => echo(self).then(work);
  const locks = globalThis.navigator?.locks;
  if (locks) return locks.request(self.name, turn);
  const before = self.queue.catch(() => {});
  return (self.queue = before.then(() => inTurn(self, turn)));
}

/**
 * Without Web Locks (plain http): who begins says so, who hears it waits for news. Two that begin in the same instant both ask the server,
 * which answers both with the same successor.
 */
async function inTurn(self, turn) {
  await pause(Math.random() * LOOK_MS);
  while (performance.now() < self.busyUntil) await pause(LOOK_MS);
  say(self, { busy: true });
  return turn().finally(() => say(self, { busy: false }));
}
