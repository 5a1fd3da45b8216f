'use strict';
// A comparison as a line of text.

const time = (us) => (us >= 1000 ? `${(us / 1000).toPrecision(3)} ms` : `${us.toPrecision(3)} µs`);

function format({ kind, what }, { id, ours_us, peer_us, ratio, goal, met }) {
  const aim = kind === 'times' ? `at least ${goal}` : `at most ${goal}`;
  return `${met ? 'met    ' : 'NOT MET'} ${id.padEnd(28)} ${time(ours_us).padStart(8)} against ${time(peer_us).padStart(8)}: ${ratio} (${aim})  ${what}`;
}

module.exports = { format, time };
