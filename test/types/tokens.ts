// The drop-in's types, as code written for jsonwebtoken's uses them. Compiled by test/65.types.js, never run.
import jwt, {
  sign,
  verify,
  decode,
  createKey,
  signAsync,
  verifyAsync,
  JsonWebTokenError,
  TokenExpiredError,
  SignetError,
} from 'signet-jwt';
import type {
  Algorithm,
  GetPublicKeyOrSecret,
  Jwt,
  JwtPayload,
  SignOptions,
  SignetKey,
  VerifyErrors,
} from 'signet-jwt';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';

const token: string = sign({ id: '1' }, 'secret', { expiresIn: '15m', algorithm: 'HS256' });
const named: string = jwt.sign('text', Buffer.from('secret'));
const unsigned: string = sign({}, null, { algorithm: 'none' });
sign({ id: 1 }, 'secret', (error, encoded) => encoded?.length ?? error?.message);
sign({ id: 1 }, 'secret', { header: { kid: 'k' } }, (error: Error | null) => error);

const payload: JwtPayload | string = verify(token, 'secret');
const complete: Jwt = verify(token, 'secret', {
  complete: true,
  audience: [/a/, 'b'],
  issuer: ['i'],
  maxAge: '1h',
  clockTolerance: 5,
});
const getKey: GetPublicKeyOrSecret = (header, callback) => callback(null, header.kid === 'k' ? 'secret' : undefined);
verify(token, getKey, (error: VerifyErrors | null, decoded) =>
  error instanceof TokenExpiredError ? error.expiredAt : decoded,
);
verify(token, createPublicKey('pem'), { algorithms: ['RS256'] });

const decoded: null | Jwt = decode(token, { complete: true });
const claims: null | JwtPayload | string = decode(named);

const key: SignetKey = createKey({ kty: 'oct', k: 'AAAA' });
const fromSet: SignetKey = createKey({ keys: [] }, { kid: 'a' });
const algorithms: readonly Algorithm[] = key.algorithms;
const options: SignOptions = { notBefore: 0, jwtid: 'j', allowInsecureKeySizes: true };
const pair = generateKeyPairSync('ed25519');
const promised: Promise<string> = signAsync({}, pair.privateKey, { algorithm: 'EdDSA' });
const verified: Promise<JwtPayload | string> = verifyAsync(unsigned, pair.publicKey);

try {
  verify(token, fromSet);
} catch (error) {
  if (error instanceof JsonWebTokenError) console.log(error.code, error.inner);
  if (error instanceof SignetError) console.log(error.code, error.status);
}

// @ts-expect-error no such algorithm
sign({}, 'secret', { algorithm: 'HS1' });
// @ts-expect-error no such option
sign({}, 'secret', { expires: '15m' });
// @ts-expect-error a key must be given
verify(token);
// @ts-expect-error a key handle cannot be written to
key.type = 'rsa';

export { algorithms, claims, complete, decoded, options, payload, promised, verified };
