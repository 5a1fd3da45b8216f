'use strict';
// A list that every logged-in user may read and only admins may change.

const express = require('express');

const MAX_TEXT = 80;
const MAX_ITEMS = 50;

/** 403 for others, by the token's claim: a demotion takes effect at the next refresh, at most 30 s later. */
function adminOnly(req, res, next) {
  if (req.user.isAdmin) return next();
  return res.status(403).json({ code: 'ERR_FORBIDDEN', message: 'only an admin may change the list' });
}

const START = ['Rotate the refresh token', 'Keep the access token in memory', 'Sign out the lost phone'];
const items = [];
let nextId = 1;

/** The list as it was at the start. */
function resetItems() {
  items.length = 0;
  for (const text of START) items.push({ id: nextId++, text });
}
resetItems();

/** @param {import('signet-jwt').Auth} auth */
function itemRoutes(auth) {
  const routes = express.Router();
  routes.use(auth.protect());

  routes.get('/', (req, res) => res.json(items));

  routes.post('/', adminOnly, (req, res) => {
    const text = typeof req.body?.text === 'string' ? req.body.text.trim().slice(0, MAX_TEXT) : '';
    const message = !text ? 'text is missing' : 'the list is full';
    if (!text || items.length >= MAX_ITEMS) return res.status(400).json({ code: 'ERR_BODY', message });
    items.push({ id: nextId++, text });
    return res.status(201).json(items);
  });

  routes.delete('/:id', adminOnly, (req, res) => {
    const index = items.findIndex((item) => item.id === Number(req.params.id));
    if (index !== -1) items.splice(index, 1);
    res.json(items);
  });

  return routes;
}

module.exports = { itemRoutes, resetItems };
