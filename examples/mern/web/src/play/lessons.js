// The lessons: each has a title, an action, and claims that are checked against what was seen.

import { client, demo, payloadOf } from '../session.js';
import { timeline } from '../timeline.js';

const PAST_EXPIRY_S = 31;
const REFRESH = 'POST /auth/refresh';
const OUTAGE_MS = 15_000;
const list = () => client.fetch('/api/items');
const turnClock = (seconds) => demo('/clock', { seconds });
const sessionId = async () => payloadOf(await client.getToken()).sid;
const record = (sid) => demo(`/record/${sid}`);

/** Renews the token now, as the client does when a server refuses it. */
const renew = async () => client.getToken(await client.getToken());

/** The statuses of the answers to requests like this, from now on. */
function watch(line) {
  const seen = [];
  let look = () => {};
  const stop = timeline.onAnswer(({ method, path, status }) => {
    if (`${method} ${path}` === line) seen.push(status);
    look();
  });
  return {
    seen,
    stop,
    /** Waits for one, for a while. */
    has: (status, ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms, false);
        look = () => {
          if (!seen.includes(status)) return;
          clearTimeout(timer);
          resolve(true);
        };
        look();
      }),
  };
}

async function tenCalls({ check }) {
  timeline.note('Before it begins, the page gets a fresh token.');
  await renew(); // or it might be renewed on the way, since it is about to expire
  await turnClock(PAST_EXPIRY_S);
  timeline.note(`The server’s clock is ${PAST_EXPIRY_S} s ahead now: the access token has expired.`);
  const refreshes = watch(REFRESH);
  const answers = await Promise.all(Array.from({ length: 10 }, list));
  refreshes.stop();
  check(
    'All ten were answered: 200.',
    answers.every(({ ok }) => ok),
  );
  check('This page refreshed once.', refreshes.seen.length === 1);
}

async function lostAnswer({ check, events }) {
  const sid = await sessionId();
  const before = await record(sid);
  await demo('/lose', {});
  timeline.note('The next answer to a refresh will be lost.');
  const refreshes = watch(REFRESH);
  await renew();
  refreshes.stop();
  check('Asked twice: the first answer was lost, the second came.', refreshes.seen.join() === 'lost,200');
  check('The server gave the same successor again: the event “retry”.', await events.has('retry'));
  const after = await record(sid);
  if (after) check('The store has rotated once.', after.generation === before.generation + 1);
  check('Nobody was logged out.', client.getState().status === 'in');
  return {
    text:
      'With each refresh, the page sends a random key, which it keeps until the answer has come. A used token with ' +
      'its key is the same page asking again.',
  };
}

async function stealAndRotate() {
  await demo('/steal', {});
  timeline.note('A thief has copied your refresh token. You exchange it, as with the next call after 30 s.');
  await renew();
}

async function replay() {
  const answer = await demo('/replay', {});
  timeline.note(`The thief’s answer: ${answer.status}${answer.code ? ` ${answer.code}` : ''}.`);
  return answer;
}

async function thiefInTime({ check, events }) {
  await stealAndRotate();
  const answer = await replay();
  if (answer.sameAsYours) {
    check('The thief got the same successor as you: “retry” from another browser.', await events.has('retry'));
    return { text: 'This page could not store a key. Once both of you exchange that successor, the session ends.' };
  }
  check('The thief got nothing: 409.', answer.status === 409);
  check('The app was told: the event “straggler”.', await events.has('straggler'));
  check('Your session goes on.', (await list()).ok);
  return {
    text:
      'The thief has your token, but not the key with which this page exchanged it. A late request of your own ' +
      'browser can look the same: so this is refused, and no session ends.',
  };
}

async function thiefTooLate({ check, events }) {
  const sid = await sessionId();
  await stealAndRotate();
  await turnClock(PAST_EXPIRY_S);
  timeline.note(`${PAST_EXPIRY_S} s later, by the server’s clock, the thief presents it.`);
  const { code } = await replay();
  check('Reuse: the thief was refused.', code === 'ERR_REFRESH_REUSED');
  check('The app was told: the event “reuse”.', await events.has('reuse'));
  const kept = await record(sid);
  if (kept) check('The store has ended the session.', Boolean(kept.revokedFor));
  check('Your own next call is refused, too: 401.', (await list()).status === 401);
  return {
    text:
      'So late, it is probably theft, but it may be an old copy of your own browser’s data. The server cannot tell ' +
      'who is who, so nobody goes on.',
  };
}

async function changeRole({ user, name, check }) {
  const setRole = (isAdmin) => demo('/role', { userId: user.id, isAdmin });
  const isAdmin = async () => payloadOf(await client.getToken()).isAdmin;
  const before = await isAdmin();
  await setRole(!before);
  timeline.note(`In the user table, ${name} is ${before ? 'no longer an admin' : 'an admin now'}.`);
  check(`The token still says isAdmin: ${before}, for 30 s at most.`, (await isAdmin()) === before);
  await renew();
  check(`The refresh asked the app anew: isAdmin is ${!before}.`, (await isAdmin()) === !before);
  await setRole(before);
  await renew();
  check('Put back in the same way.', (await isAdmin()) === before);
}

async function storeDown({ check }) {
  const refreshes = watch(REFRESH);
  await demo('/store', { down: true });
  timeline.note('The store is stopped: nothing can be rotated.');
  const renewal = renew();
  const isRefused = await refreshes.has(503, OUTAGE_MS);
  await demo('/store', { down: false });
  timeline.note('The store is back.');
  await renewal;
  refreshes.stop();
  check('The refresh was answered 503, and not “log in again”.', isRefused);
  check('The page asked again with the same token, and got its successor: 200.', refreshes.seen.at(-1) === 200);
  check('Nobody was logged out.', client.getState().status === 'in');
}

export const lessons = [
  {
    id: 'ten',
    title: 'Ten calls at once',
    button: 'Send ten',
    run: tenCalls,
    about:
      'The token has expired, and ten calls are sent at once. All are refused. How many refreshes will the server see?',
  },
  {
    id: 'lost',
    title: 'A lost answer',
    button: 'Lose one',
    run: lostAnswer,
    about: 'The refresh reaches the server, the answer never reaches you. Most homemade rotations log you out now.',
  },
  {
    id: 'in-time',
    title: 'A thief, at once',
    button: 'Steal and replay',
    run: thiefInTime,
    about:
      'A thief copied your refresh token, you exchanged it, and the thief shows it within the grace period of 30 s.',
  },
  {
    id: 'too-late',
    title: 'A thief, too late',
    button: 'Steal and wait',
    run: thiefTooLate,
    endsSession: true,
    about: 'The same, after the grace period. This one ends your session: you will have to log in again.',
  },
  {
    id: 'role',
    title: 'Another role',
    button: 'Change my role',
    run: changeRole,
    about: 'A role lives in the token. It changes with the next refresh, when the app is asked who you are now.',
  },
  {
    id: 'store',
    title: 'The store stops',
    button: 'Stop the store',
    run: storeDown,
    cannot: ({ about }) => about?.cannotStop,
    about: 'A refresh cannot be written. The server answers 503, never “log in again”, and the page keeps its session.',
  },
];
