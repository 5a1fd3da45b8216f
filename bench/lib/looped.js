'use strict';
// A call as a way (lib/measure.js). What it returns is kept, so that no optimiser finds the call to be useless.

let kept;

// `call(i)` gets the number of the repetition.
const looped = (call) => (n) => {
  for (let i = 0; i < n; i++) kept = call(i);
};

// `inFlight` of them at a time, each taking the next number when it is done.
const inFlight = (call, lanes) => async (n) => {
  let next = 0;
  const lane = async () => {
    while (next < n) kept = await call(next++);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, n) }, lane));
};

module.exports = { inFlight, kept: () => kept, looped };
