'use strict';
// A curve in words: how steep it is on a logarithmic plot, where 0 means that the cost does not depend on the size and 1 that it is in proportion to it.

function slope(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mean = (i) => logs.reduce((total, p) => total + p[i], 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  const over = logs.reduce((total, [x, y]) => total + (x - mx) * (y - my), 0);
  return over / logs.reduce((total, [x]) => total + (x - mx) ** 2, 0);
}

const STEEPNESS = [
  [-0.6, 'falls almost in proportion'],
  [-0.1, 'falls'],
  [0.05, 'does not depend on it'],
  [0.3, 'grows slowly'],
  [0.7, 'grows with about its root'],
  [1.1, 'grows in proportion'],
  [Infinity, 'grows faster than in proportion'],
];

const wordFor = (value) => STEEPNESS.find(([limit]) => value <= limit)[1];

// The first half, then the second, as small and large sizes are often ruled by different things.
function inWords(points) {
  const middle = points.length >> 1;
  const [first, second] = [slope(points.slice(0, middle + 1)), slope(points.slice(middle))];
  const part = (value) => `${wordFor(value)} (${value.toFixed(2)})`;
  return wordFor(first) === wordFor(second) ? part(slope(points)) : `first ${part(first)}, then ${part(second)}`;
}

module.exports = { inWords, slope };
