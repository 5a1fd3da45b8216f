// The types of createAuth.
import type { IncomingMessage } from 'node:http';
import type { KeyObject } from 'node:crypto';
import type { Span } from './tokens.js';
import type { AccessClaims, ProtectOptions, RouterOptions, SignetHandler, SignetRouter } from './express/types.js';

type SecretMaterial = string | Buffer | Uint8Array | KeyObject;

/** A user: a string, or a Mongoose ObjectId. */
export type UserId = string | { toHexString(): string };

/** What a request tells of where it comes from: Express', Node's, or the Fetch API's. */
type RequestLike = IncomingMessage | { headers: any; ip?: string };

export interface AuthOptions<Claims = Record<string, unknown>> {
  /** At least 32 bytes each: the first signs, all verify. */
  accessSecret: SecretMaterial | SecretMaterial[];
  /** The same; must differ from every `accessSecret`. */
  refreshSecret: SecretMaterial | SecretMaterial[];
  /** `mongodb://…`, `mongodb+srv://…`, a file path, or `':memory:'`. Default `./signet.db`; in production it must be given. */
  store?: string;
  /** Life of an access token. Default `'15m'`. */
  accessExpiresIn?: Span;
  /** Idle limit of a session, slides at every refresh. Default `'7d'`. */
  refreshExpiresIn?: Span;
  /** Absolute limit of a session. Default `'90d'`. */
  sessionExpiresIn?: Span;
  /** How long a traded token may come again for the same successor: 0 to 120 s. Default `'30s'`. */
  gracePeriod?: Span;
  /** Default 50; the newest stay. */
  maxSessionsPerUser?: number;
  /** The access token's claims, asked at login (unless given there) and at every refresh; null ends the session. */
  claims?(userId: string, session: ClaimsSession): Claims | null | Promise<Claims | null>;
  claimsTimeout?: Span;
  storeTimeout?: Span;
  storeThreads?: number;
  queueLimit?: number;
  issuer?: string;
  audience?: string | string[];
  /** MongoDB only. Default `'refreshsessions'`. */
  collection?: string;
  /** What reuse of an old refresh token ends. Default `'session'`. */
  onReuse?: 'session' | 'user';
  /** What a retry from another user agent does. Default `'tell'`. */
  onSuspect?: 'tell' | 'revoke';
  /** Adopts the refresh tokens of a tutorial-style collection. */
  legacy?: { secret: SecretMaterial; collection?: string; until?: Date | string | number };
  /** The clock, in milliseconds since the epoch. */
  now?(): number;
}

/** What the `claims` function is told of the session. */
export interface ClaimsSession {
  /** undefined at login: there is no session yet. */
  id?: string;
  generation?: number;
  endsAt?: Date;
  userAgent?: string;
  ip?: string;
  label?: string;
}

export interface Tokens<Claims = Record<string, unknown>> {
  accessToken: string;
  refreshToken: string;
  /** Seconds, of the access token. */
  expiresIn: number;
  userId: string;
  sessionId: string;
  claims: Claims;
}

export interface Session {
  id: string;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  endsAt: Date;
  userAgent?: string;
  ip?: string;
  label?: string;
}

export interface LoginOptions<Claims = Record<string, unknown>> {
  claims?: Claims;
  req?: RequestLike;
  label?: string;
  refreshExpiresIn?: Span;
  /** When the password check began. */
  since?: Date | string | number;
}

export interface RotateOptions {
  /** Refuses another user's token. */
  userId?: UserId;
  req?: RequestLike;
  /** As `gracePeriod: 0`. */
  strict?: boolean;
}

export type AuthEventName = 'login' | 'rotate' | 'retry' | 'reuse' | 'logout' | 'revoke' | 'rollback';

export interface AuthEvent {
  userId: string;
  sessionId: string;
  reason?: string;
  userAgent?: string;
  ip?: string;
  label?: string;
  at: Date;
  generation: number;
  retries: number;
  retriesTotal: number;
  userAgentChanged?: boolean;
}

export interface Auth<Claims = Record<string, unknown>> {
  login(userId: UserId, options?: LoginOptions<Claims>): Promise<Tokens<Claims>>;
  rotateRefresh(refreshToken: string, options?: RotateOptions): Promise<Tokens<Claims>>;
  verifyAccess(accessToken: string): AccessClaims<Claims>;
  logout(refreshToken: string, options?: { req?: RequestLike }): Promise<boolean>;
  revoke(userId: UserId, sessionId: string): Promise<boolean>;
  revokeAll(userId: UserId, options?: { except?: string }): Promise<number>;
  sessions(userId: UserId): Promise<Session[]>;
  protect(options?: ProtectOptions): SignetHandler;
  router(options: RouterOptions<Claims>): SignetRouter<Claims>;
  ready(): Promise<void>;
  close(): Promise<void>;
  backup(path: string): Promise<void>;
  stats(): { queued: number; running: number; [name: string]: number };
  on(name: AuthEventName, listener: (event: AuthEvent) => void): this;
  off(name: AuthEventName, listener: (event: AuthEvent) => void): this;
}

/** Sessions with access tokens and refresh tokens that rotate: docs/api.md. */
export function createAuth<Claims = Record<string, unknown>>(options: AuthOptions<Claims>): Auth<Claims>;

/** The same as `auth.rotateRefresh(refreshToken, options)`. */
export function rotateRefresh<Claims>(auth: Auth<Claims>, refreshToken: string, options?: RotateOptions): Promise<Tokens<Claims>>;
