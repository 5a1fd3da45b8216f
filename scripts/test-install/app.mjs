// What an app does with the package, as an ES module.

import assert from 'node:assert';
import jwt, { createAuth, rotateRefresh, sign, TokenExpiredError, verify } from 'signet-jwt';
import * as client from 'signet-jwt/client';

assert.strictEqual(jwt.sign, sign);
for (const one of [createAuth, rotateRefresh, TokenExpiredError]) assert.strictEqual(typeof one, 'function');
assert.strictEqual(verify(sign({ id: '1' }, 'secret'), 'secret').id, '1');
assert.ok(Object.keys(client).length > 0);
