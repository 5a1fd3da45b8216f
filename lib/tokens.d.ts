// The types of the drop-in: jsonwebtoken 9's functions, its classes, and the promises and keys that come with them.
import type { KeyObject } from 'crypto';

export type Algorithm =
  | 'HS256' | 'HS384' | 'HS512'
  | 'RS256' | 'RS384' | 'RS512'
  | 'PS256' | 'PS384' | 'PS512'
  | 'ES256' | 'ES384' | 'ES512' | 'ES256K'
  | 'EdDSA'
  | 'ML-DSA-44' | 'ML-DSA-65' | 'ML-DSA-87'
  | 'none';

/** A span of time: `'30s'`, `'15m'`, `'7d'`, or a number of seconds. */
export type Span = string | number;

export interface JwtHeader {
  alg: string | Algorithm;
  typ?: string;
  cty?: string;
  crit?: string[];
  kid?: string;
  jku?: string;
  x5u?: string | string[];
  'x5t#S256'?: string;
  x5t?: string;
  x5c?: string | string[];
}

export interface JwtPayload {
  [claim: string]: any;
  iss?: string;
  sub?: string;
  aud?: string | string[];
  exp?: number;
  nbf?: number;
  iat?: number;
  jti?: string;
}

export interface Jwt<T = JwtPayload | string> {
  header: JwtHeader;
  payload: T;
  signature: string;
}

/** A key parsed once by `createKey`. Opaque. */
export interface SignetKey {
  readonly type: string;
  readonly algorithms: readonly Algorithm[];
  readonly kid?: string;
}

export interface KeyDescription {
  key: string | Buffer | KeyObject | JsonWebKey;
  format?: 'pem' | 'der' | 'jwk';
  passphrase?: string | Buffer;
}

interface JsonWebKey {
  kty?: string;
  [member: string]: unknown;
}

/** Key material of every kind: an HMAC secret, PEM, DER, a JWK, a KeyObject, or what `createKey` returned. */
export type Secret = string | Buffer | Uint8Array | KeyObject | KeyDescription | JsonWebKey | SignetKey;
export type PrivateKey = Secret;
export type PublicKey = Secret;

export interface SignOptions {
  algorithm?: Algorithm;
  keyid?: string;
  expiresIn?: Span;
  notBefore?: Span;
  audience?: string | string[];
  subject?: string;
  issuer?: string;
  jwtid?: string;
  mutatePayload?: boolean;
  noTimestamp?: boolean;
  header?: Partial<JwtHeader> & Record<string, unknown>;
  encoding?: string;
  allowInsecureKeySizes?: boolean;
  allowInvalidAsymmetricKeyTypes?: boolean;
}

export interface VerifyOptions {
  algorithms?: Algorithm[];
  audience?: string | RegExp | [string | RegExp, ...(string | RegExp)[]];
  clockTimestamp?: number;
  clockTolerance?: number;
  complete?: boolean;
  issuer?: string | [string, ...string[]];
  ignoreExpiration?: boolean;
  ignoreNotBefore?: boolean;
  jwtid?: string;
  nonce?: string;
  subject?: string;
  maxAge?: Span;
  allowInvalidAsymmetricKeyTypes?: boolean;
}

export interface DecodeOptions {
  complete?: boolean;
  json?: boolean;
}

export type VerifyErrors = JsonWebTokenError | NotBeforeError | TokenExpiredError;
export type SignCallback = (error: Error | null, encoded?: string) => void;
export type VerifyCallback<T = Jwt | JwtPayload | string> = (error: VerifyErrors | null, decoded?: T) => void;
export type SigningKeyCallback = (error: Error | null, signingKey?: PublicKey) => void;
export type GetPublicKeyOrSecret = (header: JwtHeader, callback: SigningKeyCallback) => void;

/** Signs a payload: an object (which gets `iat`), a string or a Buffer. */
export function sign(payload: string | Buffer | object, key: PrivateKey | null, callback: SignCallback): void;
export function sign(payload: string | Buffer | object, key: PrivateKey | null, options: SignOptions, callback: SignCallback): void;
export function sign(payload: string | Buffer | object, key: PrivateKey | null, options?: SignOptions): string;

/** Verifies a token and returns its payload; `verify<{ id: string }>(…)` says what it holds. */
export function verify<T = any>(token: string, key: PublicKey | GetPublicKeyOrSecret, callback: VerifyCallback<T>): void;
export function verify<T = any>(token: string, key: PublicKey | GetPublicKeyOrSecret, options: VerifyOptions | undefined, callback: VerifyCallback<T>): void;
export function verify<T = JwtPayload | string>(token: string, key: PublicKey, options?: VerifyOptions & { complete?: false }): T;
export function verify<T = JwtPayload | string>(token: string, key: PublicKey, options: VerifyOptions & { complete: true }): Jwt<T>;
export function verify<T = JwtPayload | string>(token: string, key: PublicKey, options?: VerifyOptions): T | Jwt<T>;

/** Takes a token apart and checks nothing. null for what cannot be read. */
export function decode<T = JwtPayload | string>(token: string, options: DecodeOptions & { complete: true }): Jwt<T> | null;
export function decode<T = JwtPayload>(token: string, options: DecodeOptions & { json: true }): T | null;
export function decode<T = JwtPayload | string>(token: string, options?: DecodeOptions): T | null;

/** `sign` as a promise: RSA, EC and EdDSA work leaves the event loop. */
export function signAsync(payload: string | Buffer | object, key: PrivateKey | null, options?: SignOptions): Promise<string>;

/** `verify` as a promise. */
export function verifyAsync<T = JwtPayload | string>(token: string, key: PublicKey | GetPublicKeyOrSecret, options?: VerifyOptions & { complete?: false }): Promise<T>;
export function verifyAsync<T = JwtPayload | string>(token: string, key: PublicKey | GetPublicKeyOrSecret, options: VerifyOptions & { complete: true }): Promise<Jwt<T>>;

/** Parses a key once. `kid` chooses from a JWK Set. Throws SignetError ERR_KEY. */
export function createKey(
  material: Secret | { keys: JsonWebKey[] },
  options?: { passphrase?: string | Buffer; format?: 'pem' | 'der' | 'jwk'; kid?: string },
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
  | 'ERR_TOKEN_MISSING' | 'ERR_TOKEN_INVALID' | 'ERR_TOKEN_EXPIRED' | 'ERR_KEY' | 'ERR_OPTION' | 'ERR_SECRET' | 'ERR_PLATFORM' | 'ERR_MEMORY' | 'ERR_CRYPTO'
  | 'ERR_REFRESH_INVALID' | 'ERR_REFRESH_EXPIRED' | 'ERR_REFRESH_REUSED' | 'ERR_SESSION_UNKNOWN' | 'ERR_SESSION_EXPIRED' | 'ERR_SESSION_REVOKED'
  | 'ERR_BUSY' | 'ERR_STORE_UNAVAILABLE' | 'ERR_STORE_TIMEOUT' | 'ERR_STORE_REFUSED' | 'ERR_STORE_CORRUPT' | 'ERR_CLAIMS_TIMEOUT'
  | 'ERR_BODY' | 'ERR_CREDENTIALS' | 'ERR_FORBIDDEN' | 'ERR_ORIGIN' | 'ERR_AUTH_AGE';

export class SignetError extends Error {
  constructor(code: SignetErrorCode, message: string, options?: { cause?: unknown });
  readonly code: SignetErrorCode;
  /** The HTTP status; 0 for what is thrown at start-up. */
  readonly status: number;
  /** The database driver's number, where there is one. */
  driverCode?: number;
}
