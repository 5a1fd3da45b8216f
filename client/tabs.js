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
  if (!globalThis.BroadcastChannel) return ALONE;
  const [channel, mirror] = [0, 1].map(() => new BroadcastChannel(name)); // `channel` hears what `mirror` says, as another tab would
  channel.unref?.(); // Node: an open channel is no reason to stay alive
  mirror.unref?.();
  const self = { name, channel, mirror, id: Math.random(), queue: Promise.resolve(), hear }; // and `bid`, `takenUntil`: inTurn
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
  if (message.echo) return message.echo === self.id && self.echoed(); // echoes of other tabs are nothing to us
  if (!(message.bid < self.bid)) self.takenUntil = message.bid && performance.now() + TURN_MS; // a lower bid is none; no bid: a turn is over
  self.hear(message);
}

/**
 * A message to ourselves, the way of all messages. What another tab told before it gave up the lock is in front of it. (Were it not, one
 * refresh too many would be the harm: the server takes it.)
 */
function echo(self) {
  const heardIt = new Promise((resolve) => { self.echoed = resolve; });
  say(self, { echo: self.id }, self.mirror);
  return Promise.race([heardIt, pause(ECHO_MS)]);
}

function exclusive(self, work) {
  const locks = globalThis.navigator?.locks;
  const settled = () => echo(self); // before the lock goes on, too: what we told has left this tab then, and is in front of the next one's echo
  if (locks) return locks.request(self.name, () => settled().then(work).finally(settled));
  return (self.queue = self.queue.catch(() => {}).then(() => inTurn(self, work)));
}

/**
 * Without Web Locks (plain http): who wants a turn bids for it, and hears for LOOK_MS who else does. The highest bid goes first, the others
 * wait for its news. Only a message that takes longer than that lets two ask the server, which answers both with the same successor.
 */
async function inTurn(self, work) {
  const isTaken = () => performance.now() < self.takenUntil;
  while (!self.bid || isTaken()) {
    self.bid = isTaken() ? 0 : Math.random();
    if (self.bid) say(self, { bid: self.bid });
    await pause(LOOK_MS);
    await echo(self); // a bid that has come, and waits behind this timer, is heard too
  }
  return work().finally(() => say(self, { bid: self.bid = undefined })); // not 0, which a tab that bids would take for a lower bid
}
