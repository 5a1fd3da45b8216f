'use strict';
// What most pages assume: an app, its auth, one user whose password is "right", and an API with a page that counts its
// requests.

const assert = require('node:assert');
const express = require('express');
const { createTestAuth } = require('signet-jwt/testing');

/** The headers that identify a page of the app's own origin. */
const PAGE = { 'X-Signet': '1', 'Sec-Fetch-Site': 'same-origin' };
const LOGIN = { username: 'john', password: 'right' };

const authenticate = async (req) =>
  req.body.username === 'john' && req.body.password === 'right' ? { userId: '1' } : null;

const createGiven = () => ({ app: express(), auth: createTestAuth(), authenticate });

/**
 * A page whose app counts refreshes, and whose API refuses old tokens: the second refusal comes only after the first
 * has led to a new token.
 */
async function openCountingPage({ app, auth, authenticate }, { openPage }) {
  const seen = { refreshes: 0, refused: [] };
  let release;
  const refreshed = new Promise((resolve) => {
    release = resolve;
  });
  app.use('/auth/refresh', (req, res, next) => {
    seen.refreshes += 1;
    res.on('finish', release);
    next();
  });
  app.use('/auth', auth.router({ authenticate }));
  app.get(
    '/api/items',
    async (req, res, next) => {
      if (seen.refreshes > 0) return next();
      seen.refused.push(req.headers.authorization);
      if (seen.refused.length > 1) await refreshed;
      return res.sendStatus(401);
    },
    auth.protect(),
    (req, res) => res.json([req.user.sub]),
  );
  app.get('/api/never', (req, res) => {
    seen.never = (seen.never ?? 0) + 1;
    res.sendStatus(401);
  });
  globalThis.seen = seen;
  await openPage(app);
  await fetch('/auth/login', {
    method: 'POST',
    headers: { 'X-Signet': '1', 'Content-Type': 'application/json' },
    body: JSON.stringify(LOGIN),
  });
}

/**
 * Requests that are refused at the same time or one after the other lead to one refresh. A request that is always
 * refused is sent twice.
 */
async function checkApi({ api }) {
  const { seen } = globalThis;
  const answers = await Promise.all([api.get('/items'), api.get('/items')]);
  assert.deepStrictEqual(
    answers.map(({ data }) => data),
    [['1'], ['1']],
  );
  assert.deepStrictEqual([seen.refused.length, seen.refreshes], [2, 1]);
  await assert.rejects(api.get('/never'), ({ response }) => response.status === 401);
  assert.strictEqual(seen.never, 2);
}

module.exports = { LOGIN, PAGE, checkApi, createGiven, openCountingPage };
