'use strict';
// One comparison in a process of its own: node bench/one.js ID → a line of JSON, { ours_us, peer_us }.

const { compare } = require('./lib/measure');

// Which of them neither wait nor use other threads.
const synchronous = { ...require('./comparisons/hs256'), ...require('./comparisons/signatures'), ...require('./comparisons/many') };
const comparisons = { ...synchronous, ...require('./comparisons/async').comparisons, ...require('./comparisons/rotations').comparisons };

async function measure(id) {
  const made = await comparisons[id]();
  if (made.ours_us) return made;
  const { ours, peer, done, ...options } = made;
  const us = await compare({ ours, peer }, { clock: id in synchronous ? 'cpu' : 'wall', ...options });
  await done?.();
  return { ours_us: us.ours, peer_us: us.peer };
}

if (require.main === module) measure(process.argv[2]).then((us) => console.log(JSON.stringify(us)));

module.exports = { comparisons };
