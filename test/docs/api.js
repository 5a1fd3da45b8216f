'use strict';

const assert = require('node:assert');
const express = require('express');

module.exports = {
  blocks: {
    testing: {
      given: {
        createApp: ({ auth }) => express().get('/orders', auth.protect(), (req, res) => res.json(req.user.isAdmin)),
      },
      async check({ auth }) {
        await assert.rejects(auth.login('user-1'), { code: 'ERR_STORE_UNAVAILABLE' }); // it is closed
      },
    },
  },
};
