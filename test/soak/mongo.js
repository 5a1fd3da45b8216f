'use strict';
// Rotations on MongoDB, many, in one process, watching its memory: node --expose-gc test/soak/mongo.js [rotations]
// (MONGODB_URI)
// Prints a line each twentieth of the way, then JSON { rotations, perSecond, firstMb, lastMb }: the resident memory
// half way, and at the end.

const { createAuth } = require('../..');
const { SECRETS } = require('../support/auth');

const ROTATIONS = Number(process.argv[2] ?? 1_000_000);
const LANES = 64;
const STEPS = 20;

const memoryMb = () => {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1048576;
};

/** One session, rotated on and on. */
async function lane(auth, user, done) {
  let { refreshToken } = await auth.login(user);
  while (done.count < ROTATIONS) {
    ({ refreshToken } = await auth.rotateRefresh(refreshToken));
    done.count += 1;
    if (done.count % (ROTATIONS / STEPS) === 0) done.step();
  }
}

async function main() {
  const auth = createAuth({
    ...SECRETS,
    store: process.env.MONGODB_URI,
    collection: `soak_${process.pid}`,
    storeTimeout: '30s',
  });
  const started = Date.now();
  const marks = [];
  const done = {
    count: 0,
    step() {
      marks.push(memoryMb());
      console.log(
        `${done.count} rotations, ${Math.round(done.count / ((Date.now() - started) / 1000))}/s, ` +
          `${marks.at(-1).toFixed(1)} MB`,
      );
    },
  };
  await Promise.all(Array.from({ length: LANES }, (_, i) => lane(auth, `user-${i}`, done)));
  await auth.close();
  const perSecond = Math.round(done.count / ((Date.now() - started) / 1000));
  console.log(
    JSON.stringify({ rotations: done.count, perSecond, firstMb: marks[STEPS / 2 - 1], lastMb: marks.at(-1) }),
  );
}

main();
