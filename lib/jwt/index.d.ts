// The types of the drop-in: jsonwebtoken 9's functions, its classes, and the promises and keys that
// come with them.
import type { JsonWebKey as NodeJsonWebKey, KeyObject } from 'crypto';

export type Algorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'ES256K'
  | 'EdDSA'
  | 'ML-DSA-44'
  | 'ML-DSA-65'
  | 'ML-DSA-87'
  | 'none';

/** A span of time: `'30s'`, `'15m'`, `'7d'`, or a number of seconds. */
export type Span = string | number;

export interface JwtHeader {
  alg: string | Algorithm;
  typ?: string | undefined;
  cty?: string | undefined;
  crit?: string[] | undefined;
  kid?: string | undefined;
  jku?: string | undefined;
  x5u?: string | string[] | undefined;
  'x5t#S256'?: string | undefined;
  x5t?: string | undefined;
  x5c?: string | string[] | undefined;
}

export interface JwtPayload {
  [claim: string]: any;
  iss?: string | undefined;
  sub?: string | undefined;
  aud?: string | string[] | undefined;
  exp?: number | undefined;
  nbf?: number | undefined;
  iat?: number | undefined;
  jti?: string | undefined;
}

export interface Jwt {
  header: JwtHeader;
  payload: JwtPayload | string;
  signature: string;
}

/** A `Jwt` with a payload of a given type: `verify<User>(token, key, { complete: true })`. */
export interface JwtOf<T> {
  header: JwtHeader;
  payload: T;
  signature: string;
}

/** A key parsed once by `createKey`. Opaque. */
export interface SignetKey {
  readonly type: string;
  readonly algorithms: readonly Algorithm[];
  readonly kid?: string | undefined;
}

export interface KeyDescription {
  key: string | Buffer | KeyObject | JsonWebKey | NodeJsonWebKey;
  format?: 'pem' | 'der' | 'jwk' | undefined;
  passphrase?: string | Buffer | undefined;
}

interface JsonWebKey {
  kty?: string | undefined;
  [member: string]: unknown;
}

/**
 * Key material of every kind: an HMAC secret, PEM, DER, a JWK, a KeyObject, or what `createKey`
 * returned.
 */
export type Secret =
  | string
  | Buffer
  | Uint8Array
  | KeyObject
  | KeyDescription
  | JsonWebKey
  | NodeJsonWebKey
  | SignetKey;
export type PrivateKey = Secret;
export type PublicKey = Secret;

export interface SignOptions {
  algorithm?: Algorithm | undefined;
  keyid?: string | undefined;
  expiresIn?: Span;
  notBefore?: Span | undefined;
  audience?: string | string[] | undefined;
  subject?: string | undefined;
  issuer?: string | undefined;
  jwtid?: string | undefined;
  mutatePayload?: boolean | undefined;
  noTimestamp?: boolean | undefined;
  header?: Partial<JwtHeader> | (Partial<JwtHeader> & Record<string, unknown>) | undefined;
  encoding?: string | undefined;
  allowInsecureKeySizes?: boolean | undefined;
  allowInvalidAsymmetricKeyTypes?: boolean | undefined;
}

export interface VerifyOptions {
  algorithms?: Algorithm[] | undefined;
  audience?: string | RegExp | [string | RegExp, ...(string | RegExp)[]] | undefined;
  clockTimestamp?: number | undefined;
  clockTolerance?: number | undefined;
  complete?: boolean | undefined;
  issuer?: string | [string, ...string[]] | undefined;
  ignoreExpiration?: boolean | undefined;
  ignoreNotBefore?: boolean | undefined;
  jwtid?: string | undefined;
  nonce?: string | undefined;
  subject?: string | undefined;
  maxAge?: Span | undefined;
  allowInvalidAsymmetricKeyTypes?: boolean | undefined;
}

export interface DecodeOptions {
  complete?: boolean | undefined;
  json?: boolean | undefined;
}

export type VerifyErrors = JsonWebTokenError | NotBeforeError | TokenExpiredError;
export type SignCallback = (error: Error | null, encoded?: string) => void;
export type VerifyCallback<T = Jwt | JwtPayload | string> = (error: VerifyErrors | null, decoded?: T) => void;
export type SigningKeyCallback = (error: Error | null, signingKey?: PublicKey) => void;
/**
 * Gives the key for a header: calls the callback, or returns a promise of the key (an async function).
 */
export type GetPublicKeyOrSecret = (header: JwtHeader, callback: SigningKeyCallback) => void;

// The last overload is the one of @types/jsonwebtoken: ReturnType, Parameters and spies use it. It is
// repeated because it must also come before the generic overloads.

/** Signs a payload: an object (which gets `iat`), a string or a Buffer. */
export function sign(payload: string | Buffer | object, key: PrivateKey | null, callback: SignCallback): void;
export function sign(payload: string | Buffer | object, key: PrivateKey | null, options?: SignOptions): string;
export function sign(
  payload: string | Buffer | object,
  key: PrivateKey | null,
  options: SignOptions,
  callback: SignCallback,
): void;

type InFull = VerifyOptions & { complete: true };
type PayloadOnly = VerifyOptions & { complete?: false | undefined };

/** Verifies a token and returns its payload; `verify<{ id: string }>(…)` sets the payload's type. */
export function verify(token: string, key: PublicKey, options: InFull): Jwt;
export function verify(token: string, key: PublicKey, options?: PayloadOnly): JwtPayload | string;
export function verify(token: string, key: PublicKey, options?: VerifyOptions): Jwt | JwtPayload | string;
export function verify(
  token: string,
  key: PublicKey | GetPublicKeyOrSecret,
  callback?: VerifyCallback<JwtPayload | string>,
): void;
export function verify(
  token: string,
  key: PublicKey | GetPublicKeyOrSecret,
  options: InFull,
  callback?: VerifyCallback<Jwt>,
): void;
export function verify(
  token: string,
  key: PublicKey | GetPublicKeyOrSecret,
  options?: PayloadOnly,
  callback?: VerifyCallback<JwtPayload | string>,
): void;
export function verify(
  token: string,
  key: PublicKey | GetPublicKeyOrSecret,
  options?: VerifyOptions,
  callback?: VerifyCallback,
): void;
export function verify<T>(token: string, key: PublicKey, options: InFull): JwtOf<T>;
export function verify<T>(token: string, key: PublicKey, options?: PayloadOnly): T;
export function verify<T>(token: string, key: PublicKey, options?: VerifyOptions): T | JwtOf<T>;
export function verify<T>(token: string, key: PublicKey | GetPublicKeyOrSecret, callback: VerifyCallback<T>): void;
export function verify<T>(
  token: string,
  key: PublicKey | GetPublicKeyOrSecret,
  options: VerifyOptions | undefined,
  callback: VerifyCallback<T>,
): void;
export function verify(
  token: string,
  key: PublicKey | GetPublicKeyOrSecret,
  options?: VerifyOptions,
  callback?: VerifyCallback,
): void;

/** Decodes a token without any check. Returns null if it cannot be read. */
export function decode(token: string, options: DecodeOptions & { complete: true }): Jwt | null;
export function decode(token: string, options: DecodeOptions & { json: true }): JwtPayload | null;
export function decode(token: string, options?: DecodeOptions): JwtPayload | string | null;
export function decode<T>(token: string, options: DecodeOptions & { complete: true }): JwtOf<T> | null;
export function decode<T>(token: string, options?: DecodeOptions): T | null;
export function decode(token: string, options?: DecodeOptions): JwtPayload | string | null;

/** `sign` as a promise: RSA, EC and EdDSA run outside the event loop. */
export function signAsync(
  payload: string | Buffer | object,
  key: PrivateKey | null,
  options?: SignOptions,
): Promise<string>;

/** `verify` as a promise. */
export function verifyAsync(token: string, key: PublicKey | GetPublicKeyOrSecret, options: InFull): Promise<Jwt>;
export function verifyAsync(
  token: string,
  key: PublicKey | GetPublicKeyOrSecret,
  options?: PayloadOnly,
): Promise<JwtPayload | string>;
export function verifyAsync<T>(
  token: string,
  key: PublicKey | GetPublicKeyOrSecret,
  options: InFull,
): Promise<JwtOf<T>>;
export function verifyAsync<T>(token: string, key: PublicKey | GetPublicKeyOrSecret, options?: PayloadOnly): Promise<T>;
export function verifyAsync(
  token: string,
  key: PublicKey | GetPublicKeyOrSecret,
  options?: VerifyOptions,
): Promise<Jwt | JwtPayload | string>;

/** Parses a key once. `kid` selects a key of a JWK Set. Throws SignetError ERR_KEY. */
export function createKey(
  material: Secret | { keys: JsonWebKey[] },
  options?: {
    passphrase?: string | Buffer | undefined;
    format?: 'pem' | 'der' | 'jwk' | undefined;
    kid?: string | undefined;
  },
): SignetKey;

export class JsonWebTokenError extends Error {
  constructor(message: string, inner?: Error);
  inner: Error;
  readonly code: SignetErrorCode;
}

export class TokenExpiredError extends JsonWebTokenError {
  constructor(message: string, expiredAt: Date);
  expiredAt: Date;
}

export class NotBeforeError extends JsonWebTokenError {
  constructor(message: string, date: Date);
  date: Date;
}

/** Every stable code: docs/errors.md. */
export type SignetErrorCode =
  | 'ERR_TOKEN_MISSING'
  | 'ERR_TOKEN_INVALID'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_KEY_UNKNOWN'
  | 'ERR_KEY'
  | 'ERR_OPTION'
  | 'ERR_SECRET'
  | 'ERR_PLATFORM'
  | 'ERR_MEMORY'
  | 'ERR_CRYPTO'
  | 'ERR_REFRESH_INVALID'
  | 'ERR_REFRESH_EXPIRED'
  | 'ERR_REFRESH_REUSED'
  | 'ERR_REFRESH_SUPERSEDED'
  | 'ERR_CLOCK_UNSURE'
  | 'ERR_LOGIN_UNSURE'
  | 'ERR_REFRESH_KEY_UNKNOWN'
  | 'ERR_REFRESH_KEY_LIMIT'
  | 'ERR_SESSION_UNKNOWN'
  | 'ERR_SESSION_EXPIRED'
  | 'ERR_SESSION_REVOKED'
  | 'ERR_BUSY'
  | 'ERR_STORE_UNAVAILABLE'
  | 'ERR_STORE_TIMEOUT'
  | 'ERR_STORE_REFUSED'
  | 'ERR_STORE_CORRUPT'
  | 'ERR_CLAIMS_TIMEOUT'
  | 'ERR_BODY'
  | 'ERR_CREDENTIALS'
  | 'ERR_FORBIDDEN'
  | 'ERR_ORIGIN'
  | 'ERR_AUTH_AGE';

export class SignetError extends Error {
  constructor(code: SignetErrorCode, message: string, options?: { cause?: unknown });
  readonly code: SignetErrorCode;
  /** The HTTP status; 0 for errors thrown at start-up. */
  readonly status: number;
  /** The database driver's error number, if there is one. */
  driverCode?: number;
  /** Seconds after which the request may be sent again: of ERR_REFRESH_SUPERSEDED. */
  retryAfter?: number;
}
