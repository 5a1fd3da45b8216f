// What @types/jsonwebtoken says of each call, ours must say to the letter: the 21 types that its own tests expect, in
// the order of its tests. And what dependents of jsonwebtoken do with its types. Compiled by test/65.types.js, never
// run; it looks at each `expect` for the text of its type too.
import jwt = require('signet-jwt');
import { readFileSync } from 'node:fs';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function expect<Wanted>(): <Given>(given: Given, same: Same<Given, Wanted>) => void;
declare const either: boolean;

const key = readFileSync('key.pem');
const token: string = jwt.sign({ id: 1 }, { key, passphrase: 'p' }, { algorithm: 'RS256' });
type Payload = jwt.JwtPayload | string;

jwt.verify(token, key, (error, decoded) => {
  if (decoded) expect<Payload>()(decoded, true);
});
jwt.verify(token, key, {}, (error, decoded) => {
  if (decoded) expect<Payload>()(decoded, true);
});
jwt.verify(token, key, { complete: true }, (error, decoded) => {
  if (!decoded) return;
  expect<jwt.Jwt>()(decoded, true);
  expect<Payload>()(decoded.payload, true);
});
jwt.verify(token, key, { complete: false }, (error, decoded) => {
  if (decoded) expect<Payload>()(decoded, true);
});
jwt.verify(token, key, { maxAge: 3600 }, (error, decoded) => {
  if (decoded) expect<Payload>()(decoded, true);
});
jwt.verify(token, key, { complete: either }, (error, decoded) => {
  if (decoded) expect<jwt.Jwt | Payload>()(decoded, true);
});

expect<Payload>()(jwt.verify(token, key), true);
expect<Payload>()(jwt.verify(token, key, {}), true);
expect<jwt.Jwt>()(jwt.verify(token, key, { complete: true }), true);
expect<Payload>()(jwt.verify(token, key, { complete: true }).payload, true);
expect<Payload>()(jwt.verify(token, key, { complete: false }), true);
expect<Payload>()(jwt.verify(token, key, { maxAge: 3600 }), true);
expect<jwt.Jwt | Payload>()(jwt.verify(token, key, { complete: either }), true);

expect<Payload | null>()(jwt.decode(token), true);
expect<Payload | null>()(jwt.decode(token, { complete: false }), true);
expect<Payload | null>()(jwt.decode(token, { json: false }), true);
expect<Payload | null>()(jwt.decode(token, { complete: false, json: false }), true);
expect<jwt.JwtPayload | null>()(jwt.decode(token, { json: true }), true);
expect<jwt.Jwt | null>()(jwt.decode(token, { complete: true }), true);
expect<jwt.Jwt | null>()(jwt.decode(token, { complete: true, json: true }), true);

// A decoded payload is never any: what is not there is an error.
jwt.verify(token, key, (error, decoded) => {
  // @ts-expect-error a payload may be a string
  void decoded?.id;
});

// The last overload is what ReturnType, Parameters and a spy take: that with a callback, which may be left out.
const spied: Same<ReturnType<typeof jwt.verify>, void> & Same<ReturnType<typeof jwt.sign>, void> = true;
type Implementation<F> = F extends (...given: infer Given) => infer Returned ? (...given: Given) => Returned : never;
function spyOn<F>(mock: F, implementation: Implementation<F>): void {
  void [mock, implementation];
}
spyOn(jwt.sign, (payload, secret, options, callback) => {
  const text = `signed ${String(payload)} by ${secret as string} ${options.algorithm}`;
  return callback ? callback(null, text) : text;
});
spyOn(jwt.verify, (given, secret, options, callback) => {
  const text = `verified ${given} by ${secret as string} ${options?.algorithms?.[0]}`;
  return callback ? callback(null, text) : text;
});

// @nestjs/jwt: options that extend ours, keys by jwt.Secret, a promise made of a callback.
interface NestSignOptions extends jwt.SignOptions {
  secret?: string | Buffer;
  privateKey?: jwt.Secret;
}
interface NestVerifyOptions extends jwt.VerifyOptions {
  secret?: string | Buffer;
  publicKey?: string | Buffer;
}
type PayloadSignOptions = Omit<NestSignOptions, keyof jwt.SignOptions>;
async function nest<T extends object>(
  options: NestVerifyOptions,
  provider: () => jwt.Secret | Promise<jwt.Secret>,
  own: PayloadSignOptions,
): Promise<T> {
  const secret = await provider();
  const merged = { ...options, ...own } as jwt.VerifyOptions;
  return new Promise<T>((resolve, reject) => {
    jwt.verify(token, secret, merged, (error, decoded) => (error ? reject(error) : resolve(decoded as T)));
  });
}

// firebase-admin: a header and options made beforehand, a getKey, an error by its name, a token in full by a cast.
const header: jwt.JwtHeader = { alg: 'RS256', kid: 'k', typ: 'JWT' };
const signOptions: jwt.SignOptions = { header, algorithm: 'RS256', audience: ['a'], issuer: 'me' };
jwt.sign({ uid: 'u' }, key, { ...signOptions, header: { ...header, alg: 'none' as jwt.Algorithm } });
function keyFetcher(keys: Map<string, string>): jwt.GetPublicKeyOrSecret {
  return ({ kid = '' }, callback) => callback(keys.has(kid) ? null : new Error(kid), keys.get(kid));
}
function verifySignature(
  given: string,
  secretOrPublicKey: jwt.Secret | jwt.GetPublicKeyOrSecret,
  options?: jwt.VerifyOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    jwt.verify(given, secretOrPublicKey, options, (error: jwt.VerifyErrors | null) =>
      error?.name === 'TokenExpiredError' ? reject(error) : resolve(),
    );
  });
}
const full = jwt.decode(token, { complete: true }) as { header: jwt.JwtHeader; payload: jwt.JwtPayload } | null;

// express-jwt and passport-jwt: a secret that is asked for by the whole token, callbacks written out.
type GetVerificationKey = (
  req: unknown,
  given: jwt.Jwt | undefined,
) => jwt.Secret | undefined | Promise<jwt.Secret | undefined>;
type Params = {
  secret: jwt.Secret | GetVerificationKey;
  credentialsRequired?: boolean;
  algorithms: jwt.Algorithm[];
} & jwt.VerifyOptions;
async function expressJwt(params: Params): Promise<jwt.Jwt | undefined> {
  const given = jwt.decode(token, { complete: true });
  if (!given) return undefined;
  const getKey: GetVerificationKey =
    typeof params.secret === 'function'
      ? (params.secret as GetVerificationKey)
      : async () => params.secret as jwt.Secret;
  const found = await getKey({}, given);
  if (found) jwt.verify(token, found, params);
  return given;
}
const passportVerify = (callback: (error: jwt.VerifyErrors | null, decoded: Payload | undefined) => void) =>
  jwt.verify(token, key, signOptionsAsVerify(), callback);
const signOptionsAsVerify = (): jwt.VerifyOptions => ({ algorithms: ['RS256'], audience: /a/ });

// jwks-rsa, and every getKey that is an async function.
const asynchronous: jwt.GetPublicKeyOrSecret = async ({ kid }) => kid;
jwt.verify(
  token,
  async () => key,
  { algorithms: ['RS256'] },
  () => undefined,
);

// Key material of Node's own types.
const pair = { key: { kty: 'RSA' } as import('node:crypto').JsonWebKey, format: 'jwk' as const };
jwt.verify(token, pair as Parameters<typeof import('node:crypto').createPublicKey>[0] as jwt.PublicKey);
jwt.verify(token, pair);

// exactOptionalPropertyTypes: what is undefined is not given.
const loose: jwt.VerifyOptions = { issuer: undefined, audience: undefined, complete: undefined, maxAge: undefined };
const loosely: jwt.SignOptions = { issuer: undefined, header: undefined, keyid: undefined };
const auth: jwt.AuthOptions = {
  accessSecret: 'a',
  refreshSecret: 'b',
  issuer: undefined,
  store: undefined,
  claims: undefined,
};

export {
  asynchronous,
  auth,
  expressJwt,
  full,
  keyFetcher,
  loose,
  loosely,
  nest,
  passportVerify,
  spied,
  verifySignature,
};
