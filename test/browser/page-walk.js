'use strict';
// The example's page, driven by scripts in the page alone, which every engine has: its five chapters, its login, its
// six lessons, and what must be so after each.

const assert = require('node:assert');

const CHAPTERS = ['Log in', 'Call', 'Expire', 'Refresh', 'Be robbed'];
/** Each with the requests that the server must see, and the events that the app must be told. */
const LESSONS = [
  {
    title: 'Ten calls at once',
    events: ['rotate', 'rotate'], // one of them to begin with a fresh token
    requests: { 'POST /auth/refresh': 2, 'GET /api/items': 20 },
  },
  { title: 'A lost answer', events: ['rotate', 'retry'], requests: { 'POST /auth/refresh': 2 } },
  { title: 'A thief, at once', events: ['rotate', 'straggler'] },
  { title: 'Another role', events: ['rotate', 'rotate'] },
  { title: 'The store stops' },
  { title: 'A thief, too late', events: ['rotate', 'reuse'], endsSession: true },
];
const EVENTS = ['login', 'rotate', 'retry', 'straggler', 'reuse', 'logout', 'revoke'];

/** The events of all sessions, from now on. */
function listen(auth) {
  const told = [];
  for (const type of EVENTS) auth.on(type, () => told.push(type));
  return told;
}

/** @param {object} page of any engine, @param {object} app of app-server.js */
function createWalk(page, app) {
  const told = listen(app.auth);
  const demo = async (path, body) => {
    const headers = { 'Content-Type': 'application/json', 'X-Demo': '1' };
    const init = body && { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${app.url}demo${path}`, init);
    return response.status === 204 ? null : response.json();
  };

  /** Clicks the button of this name; within the lesson of this title, if it is given. */
  const click = (name, title = null) =>
    page.waitForFunction(
      ([wanted, lesson]) => {
        const places = lesson
          ? [...document.querySelectorAll('.lesson')].filter((each) => each.querySelector('h3').textContent === lesson)
          : [document];
        const found = places
          .flatMap((place) => [...place.querySelectorAll('button')])
          .find((each) => !each.disabled && (wanted === null || each.textContent.trim().startsWith(wanted)));
        found?.click();
        return Boolean(found);
      },
      [name, title],
    );
  const shows = (text) => page.waitForFunction((wanted) => document.body.textContent.includes(wanted), text);

  /** What the outcome in this place says, once there is one. */
  async function outcome(selector) {
    await page.waitForFunction((place) => {
      const places = [...document.querySelectorAll(place)];
      return places.some((each) => each.querySelector('.outcome'));
    }, selector);
    return page.evaluate((place) => {
      const found = [...document.querySelectorAll(place)].find((each) => each.querySelector('.outcome'));
      return { isAsTold: !found.querySelector('.otherwise'), text: found.textContent };
    }, selector);
  }

  async function isAsBefore(roles) {
    const { users, ahead } = await demo('/about');
    assert.deepStrictEqual([users.map(({ isAdmin }) => isAdmin), ahead], [roles, 0], 'roles and clock');
    const { ticket } = await demo('/lesson', {});
    assert(ticket, 'no lesson is running');
    await demo('/lesson/end', { ticket });
  }

  return {
    click,
    shows,
    demo,
    /** Chapter by chapter; `look(title)` after each. */
    async path(look = async () => {}) {
      await page.goto(`${app.url}#log-in`);
      for (const [i, title] of CHAPTERS.entries()) {
        await shows(`${i + 1}. ${title}`);
        told.length = 0;
        await page.waitForFunction(() => {
          const run = document.querySelector('.doing .main:enabled');
          run?.click();
          return Boolean(run);
        });
        const { isAsTold, text } = await outcome('.chapter');
        assert(isAsTold, `${title}: ${text}`);
        if (title === 'Refresh') assert(told.includes('rotate'), `${told}`);
        if (title === 'Be robbed') assert(told.includes('reuse'), `${told}`);
        await isAsBefore([true, false]);
        await look(title);
        await click('Next: ');
      }
      await shows('Free play');
    },
    async logIn(name = 'john') {
      await click(name);
      await click('Log in');
      await shows('Your devices');
    },
    /** All lessons; `look(title)` after each. */
    async lessons(look = async () => {}) {
      for (const { title, events, requests = {}, endsSession } of LESSONS) {
        [told.length, app.seen.length] = [0, 0];
        await click(null, title);
        await page.waitForFunction((wanted) => {
          const lesson = [...document.querySelectorAll('.lesson')].find(
            (each) => each.querySelector('h3').textContent === wanted,
          );
          return Boolean(lesson.querySelector('.outcome'));
        }, title);
        const text = await page.evaluate(
          (wanted) =>
            [...document.querySelectorAll('.lesson')].find((each) => each.querySelector('h3').textContent === wanted)
              .textContent,
          title,
        );
        assert(!text.includes('otherwise'), text);
        if (events) assert.deepStrictEqual(told, events, title);
        for (const [line, n] of Object.entries(requests)) assert.strictEqual(app.count(line), n, `${title}: ${line}`);
        await isAsBefore([true, false]);
        await look(title);
        if (endsSession) {
          await shows('used twice');
          await click('Log in again as john', title);
        }
        await shows('Your devices');
      }
    },
  };
}

module.exports = { CHAPTERS, LESSONS, createWalk };
