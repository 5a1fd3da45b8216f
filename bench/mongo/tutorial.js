'use strict';
// The tutorial's way to refresh, made to run: mongoose, jsonwebtoken, one token a user; find, compare, sign twice, update.

const jsonwebtoken = require('jsonwebtoken');
const mongoose = require('mongoose');

const ACCESS_SECRET = 'an access secret of the benchmark, 48 bytes and more';
const REFRESH_SECRET = 'a refresh secret of the benchmark, 48 bytes and more';

async function open({ uri, collection, lanes }) {
  const connection = await mongoose.createConnection(uri, { maxPoolSize: 100 }).asPromise();
  const RefreshToken = connection.model('RefreshToken', new mongoose.Schema({
    refreshToken: { type: String, required: true },
    userId: { type: String, required: true, unique: true },
  }, { timestamps: true }), collection);
  await RefreshToken.init();
  const users = Array.from({ length: lanes }, (_, i) => ({ id: `user-${i}`, isAdmin: false }));
  const tokens = users.map((user) => jsonwebtoken.sign(user, REFRESH_SECRET));
  await RefreshToken.insertMany(users.map(({ id }, i) => ({ userId: id, refreshToken: tokens[i] })));

  async function rotate(lane) {
    const user = users[lane];
    const stored = await RefreshToken.findOne({ userId: user.id });
    if (!stored || stored.refreshToken !== tokens[lane]) throw new Error('Refresh token is not valid!');
    const { id, isAdmin } = jsonwebtoken.verify(tokens[lane], REFRESH_SECRET);
    const accessToken = jsonwebtoken.sign({ id, isAdmin }, ACCESS_SECRET, { expiresIn: '30s' });
    const refreshToken = jsonwebtoken.sign({ id, isAdmin }, REFRESH_SECRET);
    await RefreshToken.findOneAndUpdate({ userId: id }, { refreshToken }, { returnDocument: 'after' });
    tokens[lane] = refreshToken;
    return accessToken;
  }
  return { rotate, close: () => connection.close() };
}

module.exports = { open };
