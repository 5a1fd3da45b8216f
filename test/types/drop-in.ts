// Code as people have written it for jsonwebtoken, and what is new beside it. Compiled by test/65.types.js, never run.
import jwt from 'signet-jwt';
import {
  decode,
  sign,
  verify,
  createKey,
  signAsync,
  verifyAsync,
  JsonWebTokenError,
  NotBeforeError,
  SignetError,
  TokenExpiredError,
} from 'signet-jwt';
import type { Jwt, JwtOf, JwtPayload, Secret, SignOptions, VerifyOptions } from 'signet-jwt';

interface User {
  id: string;
  isAdmin: boolean;
}

const options: SignOptions = { expiresIn: '15m', algorithm: 'HS256', header: { kid: 'k', extra: 1 } };
const insist: VerifyOptions = { algorithms: ['HS256'], audience: [/a/, 'b'], maxAge: 60 };
const secret: Secret = 'secret';

const token: string = jwt.sign({ id: '1' }, secret, options);
sign('text', Buffer.from('secret'));
sign({ id: '1' }, { key: 'pem', passphrase: 'x' }, (err, encoded) => {
  const text: string | undefined = encoded;
  void [err, text];
});

const either: Jwt | JwtPayload | string = verify(token, secret, insist);
const payload: JwtPayload | string = verify(token, secret, { algorithms: ['HS256'] });
const user: User = verify<User>(token, secret);
const whole: JwtOf<User> = verify<User>(token, secret, { complete: true });
verify<User>(
  token,
  (header, callback) => callback(null, header.kid),
  { algorithms: ['RS256'] },
  (err, decoded) => {
    if (err instanceof TokenExpiredError) void err.expiredAt.getTime();
    const id: string | undefined = decoded?.id;
    void id;
  },
);
const read: JwtPayload | string | null = decode(token);
const full: Jwt | null = decode(token, { complete: true });
const promised: Promise<User> = verifyAsync<User>(token, createKey(secret));
const signed: Promise<string> = signAsync({ id: '1' }, createKey({ kty: 'oct', k: 'AAAA' }));

try {
  verify(token, secret);
} catch (err) {
  if (err instanceof NotBeforeError) void err.date.getTime();
  if (err instanceof JsonWebTokenError && err.code === 'ERR_TOKEN_INVALID') void err.inner;
  if (err instanceof SignetError && err.code === 'ERR_KEY') void (err.status + 1);
}

// @ts-expect-error no such algorithm
sign({}, secret, { algorithm: 'HS1' });
// @ts-expect-error jsonwebtoken has no such option
sign({}, secret, { expires: '15m' });
// @ts-expect-error no such code
void (new SignetError('ERR_TOKEN_INVALID', '').code === 'ERR_NONE');

export { either, full, payload, promised, read, signed, user, whole };
