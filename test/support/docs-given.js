'use strict';
// What most pages take as given: an app, its auth, and one user, whose password is "right".

const express = require('express');
const { createTestAuth } = require('signet-jwt/testing');

/** The headers by which a page of the app's own origin is known. */
const PAGE = { 'X-Signet': '1', 'Sec-Fetch-Site': 'same-origin' };
const LOGIN = { username: 'john', password: 'right' };

const authenticate = async (req) => (req.body.username === 'john' && req.body.password === 'right' ? { userId: '1' } : null);

const createGiven = () => ({ app: express(), auth: createTestAuth(), authenticate });

module.exports = { LOGIN, PAGE, createGiven };
