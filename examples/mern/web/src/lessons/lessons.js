// The lessons: each has a title, an action and a result.

import { nextServerEvent } from '../events.js';
import { client, demo } from '../session.js';
import { timeline } from '../timeline.js';

const PAST_EXPIRY_S = 31;
const list = () => client.fetch('/api/items');
const turnClock = (seconds) => demo('/clock', { seconds });

/** Renews the token now, as the client does when a server refuses it. */
const renew = async () => client.getToken(await client.getToken());

async function tenCalls() {
  await turnClock(PAST_EXPIRY_S);
  timeline.note(`The server’s clock is ${PAST_EXPIRY_S} s ahead now: the access token has expired.`);
  const answers = await Promise.all(Array.from({ length: 10 }, list));
  const good = answers.filter(({ ok }) => ok).length;
  return { text: `${good} of 10 calls were answered, after a single refresh.` };
}

async function lostAnswer() {
  await demo('/lose', {});
  timeline.note('The next answer to a refresh will be lost.');
  await renew();
  return { text: 'Asked twice, rotated once: the retry got the same successor, byte for byte. Nobody was logged out.' };
}

async function replay() {
  const event = nextServerEvent(['retry', 'straggler', 'reuse']);
  const answer = await demo('/replay', {});
  await event;
  timeline.note(`The thief’s answer: ${answer.status}${answer.code ? ` ${answer.code}` : ''}.`);
  return answer;
}

async function stealAndRotate() {
  await demo('/steal', {});
  timeline.note('A thief has copied your refresh token. You exchange it, as a page does every 30 s.');
  await renew();
}

async function thiefInTime() {
  await stealAndRotate();
  const { sameAsYours } = await replay();
  return {
    text: sameAsYours
      ? 'This page could not store a key, so the thief got the same successor as you. “retry” shows another browser; ' +
        'once both of you exchange it, the session ends.'
      : 'The thief got nothing: he has your token, but not the key with which this page exchanged it.',
  };
}

async function thiefTooLate() {
  await stealAndRotate();
  await turnClock(PAST_EXPIRY_S);
  timeline.note(`${PAST_EXPIRY_S} s later, by the server’s clock, the thief presents it.`);
  await replay();
  const { status } = await list();
  return {
    text: `Reuse: the session ended for both, and your own call was answered ${status}. Log in again.`,
    isBad: true,
  };
}

async function changeRole({ user, name }) {
  await demo('/role', { userId: user.id, isAdmin: !user.isAdmin });
  const now = user.isAdmin ? 'no longer an admin' : 'an admin now';
  timeline.note(`In the user table, ${name} is ${now}. The token still says otherwise, for 30 s at most.`);
  await renew();
  return { text: `The refresh asked the app for the claims anew: isAdmin is ${!user.isAdmin} from this token on.` };
}

async function storeDown() {
  await demo('/store', { down: true });
  timeline.note('Another process holds the database’s write lock: nothing can be rotated.');
  const renewal = renew();
  const restored = new Promise((resolve) => {
    setTimeout(resolve, 7000);
  }).then(async () => {
    await demo('/store', { down: false });
    timeline.note('The store is back.');
  });
  await Promise.all([renewal, restored]);
  return { text: '503 is not a logout: the page waited, asked again with the same token, and went on.' };
}

const noOtherProcess = ({ about }) =>
  about && !about.hasOtherProcess ? 'Works with the embedded store: this server keeps its sessions elsewhere.' : null;

export const lessons = [
  {
    id: 'ten',
    title: () => 'Ten calls at once',
    button: () => 'Send ten',
    run: tenCalls,
    about:
      'The token has expired, and ten calls are sent at once. All are refused. How many refreshes will the server see?',
  },
  {
    id: 'lost',
    title: () => 'A lost answer',
    button: () => 'Lose one',
    run: lostAnswer,
    about: 'The refresh reaches the server, the answer never reaches you. Most homemade rotations log you out now.',
  },
  {
    id: 'in-time',
    title: () => 'A thief, at once',
    button: () => 'Steal and replay',
    run: thiefInTime,
    about: 'He copied your refresh token, you exchanged it, and he shows it within the grace period of 30 s.',
  },
  {
    id: 'too-late',
    title: () => 'A thief, too late',
    button: () => 'Steal and wait',
    run: thiefTooLate,
    about: 'The same, after the grace period. A token that comes back so late was stolen, so nobody goes on.',
  },
  {
    id: 'role',
    run: changeRole,
    title: ({ user }) => (user.isAdmin ? 'Demote me' : 'Promote me'),
    button: ({ user }) => (user.isAdmin ? 'Take my role' : 'Give me the role'),
    about: 'A role lives in the token. It changes with the next refresh, when the app is asked who you are now.',
  },
  {
    id: 'store',
    title: () => 'The store stops',
    button: () => 'Stop it for 7 s',
    run: storeDown,
    cannot: noOtherProcess,
    about: 'A refresh cannot be written. The server answers 503, never “log in again”, and the page keeps its session.',
  },
];
