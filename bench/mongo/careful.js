'use strict';
// A careful way to refresh: the Node driver, one atomic findOneAndUpdate on the token's hash with majority and journal, jose; the pool at 100.

const { createHash, randomUUID } = require('node:crypto');
const { MongoClient } = require('mongodb');

const ACCESS_SECRET = Buffer.from('an access secret of the benchmark, 48 bytes and more');
const REFRESH_SECRET = Buffer.from('a refresh secret of the benchmark, 48 bytes and more');
const IDLE_S = 7 * 86_400;
const hashOf = (jti) => createHash('sha256').update(jti).digest();

async function open({ uri, collection, lanes }) {
  const { SignJWT, jwtVerify } = await import('jose');
  const client = await new MongoClient(uri, { maxPoolSize: 100, writeConcern: { w: 'majority', j: true, wtimeoutMS: 4000 } }).connect();
  const sessions = client.db().collection(collection);
  const signRefresh = (sub, sid, jti) => new SignJWT({ sid }).setProtectedHeader({ alg: 'HS256', typ: 'rt+jwt' }).setSubject(sub).setJti(jti).setIssuedAt().setExpirationTime('7d').sign(REFRESH_SECRET);
  const signAccess = (sub, sid) => new SignJWT({ sid, isAdmin: false }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' }).setSubject(sub).setIssuedAt().setExpirationTime('15m').sign(ACCESS_SECRET);

  const tokens = await Promise.all(Array.from({ length: lanes }, async (_, i) => {
    const [userId, sid, jti] = [`user-${i}`, randomUUID(), randomUUID()];
    const now = Date.now();
    await sessions.insertOne({ _id: sid, userId, tokenHash: hashOf(jti), generation: 0, createdAt: new Date(now), rotatedAt: new Date(now), expiresAt: new Date(now + IDLE_S * 1000) });
    return signRefresh(userId, sid, jti);
  }));

  async function rotate(lane) {
    const { payload } = await jwtVerify(tokens[lane], REFRESH_SECRET, { algorithms: ['HS256'], typ: 'rt+jwt' });
    const jti = randomUUID();
    const now = new Date();
    const after = await sessions.findOneAndUpdate(
      { _id: payload.sid, userId: payload.sub, tokenHash: hashOf(payload.jti), revokedAt: null, expiresAt: { $gt: now } },
      { $set: { tokenHash: hashOf(jti), previousHash: hashOf(payload.jti), rotatedAt: now, expiresAt: new Date(now.getTime() + IDLE_S * 1000) }, $inc: { generation: 1 } },
      { returnDocument: 'after' },
    );
    if (!after) throw new Error('not the current token');
    const [accessToken, refreshToken] = await Promise.all([signAccess(payload.sub, payload.sid), signRefresh(payload.sub, payload.sid, jti)]);
    tokens[lane] = refreshToken;
    return accessToken;
  }
  return { rotate, close: () => client.close() };
}

module.exports = { open };
