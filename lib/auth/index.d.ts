// createAuth: sessions with rotating refresh tokens. docs/api.md is the manual.
import type { KeyObject } from 'crypto';
import type { Span } from '../jwt/index.js';
import type { ProtectOptions, RouterOptions, SignetHandler, SignetRouter } from '../express/types.js';

/** The types of a secret. */
export type AuthSecret = string | Uint8Array | KeyObject;

/** The secrets of one kind. All of them verify: docs/keys.md. */
export interface AuthSecretPhases {
  /** Signs. */
  current: AuthSecret;
  /** Will become `current` once every process has it. */
  next?: AuthSecret | undefined;
  /** Was `current`: kept until the last token that it signed has expired. */
  previous?: AuthSecret | AuthSecret[] | undefined;
  /** Has leaked: verifies nothing, and the users of its tokens log in again. */
  revoked?: AuthSecret | AuthSecret[] | undefined;
}

/** A user id: a string, or a Mongoose ObjectId, which becomes its hex form. */
export type UserId = string | { toHexString(): string };

/**
 * A request, from which the session's record gets user agent and address: Express', Node's, or a Fetch
 * API Request.
 */
export interface RequestLike {
  headers?: object | undefined;
  ip?: string | undefined;
  socket?: { remoteAddress?: string | undefined } | undefined;
}

/**
 * The session, as passed to the claims function. There is no id at login, and no label at a refresh.
 */
export interface ClaimsSession {
  id?: string | undefined;
  generation?: number | undefined;
  endsAt?: Date | undefined;
  userAgent?: string | undefined;
  ip?: string | undefined;
  label?: string | undefined;
}

export interface AuthOptions<Claims extends object = Record<string, unknown>> {
  /** Signs access tokens. The first of an array signs, all verify; at least 32 bytes each. */
  accessSecret: AuthSecret | AuthSecret[] | AuthSecretPhases;
  /** Signs refresh tokens; none may equal an access secret. */
  refreshSecret: AuthSecret | AuthSecret[] | AuthSecretPhases;
  /**
   * 'mongodb://…', 'mongodb+srv://…', a file path, or ':memory:'. Default './signet.db'; required if
   * NODE_ENV=production.
   */
  store?: string | undefined;
  /** Default '15m'. */
  accessExpiresIn?: Span | undefined;
  /** How long a session lasts without use; extended at every refresh. Default '7d'. */
  refreshExpiresIn?: Span | undefined;
  /** How long a session lasts at most. Default '90d'. */
  sessionExpiresIn?: Span | undefined;
  /**
   * How long a rotated refresh token still answers the same successor: 0 to 120 s. Default '30s'; 0 is
   * strict.
   */
  gracePeriod?: Span | undefined;
  /** How long after its `exp` an access token is still accepted: 0 to 60 s. Default 0. */
  clockTolerance?: Span | undefined;
  /** The newest are kept. Infinity: no limit. Default 50. */
  maxSessionsPerUser?: number | undefined;
  /**
   * Called at login (unless claims are given there) and at every refresh, before the store. null ends the
   * session. Errors that it throws are passed on.
   */
  claims?: ((userId: string, session: ClaimsSession) => Claims | null | Promise<Claims | null>) | undefined;
  /** Default '3s'. */
  claimsTimeout?: Span | undefined;
  /** Counts from the call; a job that waited longer is never started. Default '5s'. */
  storeTimeout?: Span | undefined;
  /** Threads for MongoDB. Default 16. */
  storeThreads?: number | undefined;
  /**
   * The most calls that wait for the store, and the most pending calls of `claims`. Beyond: ERR_BUSY.
   * Default 10,000.
   */
  queueLimit?: number | undefined;
  /** Set and checked on both kinds of token. */
  issuer?: string | undefined;
  audience?: string | string[] | undefined;
  /** MongoDB. Default 'refreshsessions'. */
  collection?: string | undefined;
  /** Milliseconds since the epoch. Default Date.now. */
  now?: (() => number) | undefined;
  /** What a reused refresh token ends. Default 'session'. */
  onReuse?: 'session' | 'user' | undefined;
  /** What a retry without a key, from another user agent, does in addition to its event. Default 'tell'. */
  onSuspect?: 'tell' | 'revoke' | undefined;
  /** Adopts refresh tokens of a tutorial-style collection { refreshToken, userId }. */
  legacy?:
    | {
        secret: AuthSecret;
        collection?: string | undefined;
        until?: Date | string | number | undefined;
        /** The claim that has the user's id. Default: `'id'`. */
        userClaim?: string | undefined;
        /** The rows' fields. Defaults: `'refreshToken'`, `'userId'`. */
        tokenField?: string | undefined;
        userField?: string | undefined;
      }
    | undefined;
}

export interface LoginOptions<Claims extends object = Record<string, unknown>> {
  claims?: Claims | undefined;
  req?: RequestLike | undefined;
  label?: string | undefined;
  /** This session's own idle limit. */
  refreshExpiresIn?: Span | undefined;
  /** When the password check began: a later revokeAll ends this login. Default: this call, exactly. */
  since?: Date | string | number | undefined;
}

export interface RotateOptions {
  /** Refuses another user's token. */
  userId?: UserId | undefined;
  req?: RequestLike | undefined;
  /** The same as gracePeriod 0. */
  strict?: boolean | undefined;
  /**
   * The client's random key for this exchange: 22 to 128 visible ASCII characters, else ERR_BODY. A keyed exchange is
   * answered again to its key, at any time while the successor is unused, and to nobody else.
   */
  idempotencyKey?: string | undefined;
  /** The key of the client's exchange before this one. */
  previousKey?: string | undefined;
}

export interface Tokens<Claims extends object = Record<string, unknown>> {
  accessToken: string;
  refreshToken: string;
  /** Seconds, of the access token. */
  expiresIn: number;
  /** Seconds, of the refresh token. */
  refreshExpiresIn: number;
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
  userAgent?: string | undefined;
  ip?: string | undefined;
  label?: string | undefined;
}

export type AuthEventName = 'login' | 'rotate' | 'retry' | 'reuse' | 'logout' | 'revoke' | 'rollback' | 'straggler';

export interface AuthEvent {
  userId: string;
  sessionId: string;
  /** The reason: 'reuse', 'late-retry', 'logout', 'limit', … */
  reason?: string | undefined;
  /** Of the request that caused the event, else of the session's last one. */
  userAgent?: string | undefined;
  ip?: string | undefined;
  label?: string | undefined;
  at: Date;
  generation: number;
  /** Of the last rotation, and of all. */
  retries: number;
  retriesTotal: number;
  /** 'retry': the user agent is another than the rotation's. */
  userAgentChanged: boolean;
  /** 'retry': after the grace period. */
  late: boolean;
  /** 'retry': recognised by the key of the exchange. */
  keyed: boolean;
}

export interface AuthStats {
  queued: number;
  running: number;
  threads: number;
  /** Run since the store was opened. */
  jobs: number;
  batches: number;
  /** The store is known to be down: calls fail at once, but for one that tries it. */
  down: boolean;
  /** Pending calls of the claims function. */
  claims: number;
  /** The clock of a MongoDB store, from the first call on. */
  clock?: StoreClock | undefined;
}

/** In milliseconds. */
export interface StoreClock {
  /** What this machine's clock lacks to be the store's. */
  offset: number;
  /** By how much `offset` may be wrong: half of a round trip. */
  error: number;
  /** Since it was read. */
  age: number;
  /** How far the clocks of the members that have answered lately are apart. */
  spread: number;
  /** False: the offset has moved by over a minute, and the next readings have yet to confirm it. */
  sure: boolean;
}

/** The claims of a verified access token. */
export type AccessClaims<Claims extends object = Record<string, unknown>> = Claims & {
  sub: string;
  sid: string;
  iat: number;
  exp: number;
  jti: string;
  /** When the user logged in, in seconds since the epoch (OpenID Connect Core, section 2). */
  auth_time: number;
  iss?: string | undefined;
  aud?: string | string[] | undefined;
};

export interface Auth<Claims extends object = Record<string, unknown>> {
  login(userId: UserId, options?: LoginOptions<Claims>): Promise<Tokens<Claims>>;
  rotateRefresh(refreshToken: string, options?: RotateOptions): Promise<Tokens<Claims>>;
  verifyAccess(accessToken: string): AccessClaims<Claims>;
  /**
   * True if this call ended a live session. An old or expired token with a valid signature ends its
   * session too.
   */
  logout(refreshToken: string, options?: { req?: RequestLike | undefined }): Promise<boolean>;
  revoke(userId: UserId, sessionId: string): Promise<boolean>;
  /** Resolves with the number of sessions ended. */
  revokeAll(userId: UserId, options?: { except?: string | undefined }): Promise<number>;
  /** The live sessions, newest first. */
  sessions(userId: UserId): Promise<Session[]>;
  protect(options?: ProtectOptions): SignetHandler;
  router(options: RouterOptions<Claims>): SignetRouter<Claims>;
  /** Resolves when the store answers and may be written to. */
  ready(): Promise<void>;
  /**
   * Replaces the secrets that are given, in this process, or throws ERR_SECRET and changes nothing: docs/keys.md.
   * Refuses a current secret that was not known before, and dropping one whose tokens are still valid, unless
   * `force`. Calls that have begun keep the secrets that they began with.
   */
  setSecrets(
    secrets: {
      accessSecret?: AuthSecret | AuthSecret[] | AuthSecretPhases | undefined;
      refreshSecret?: AuthSecret | AuthSecret[] | AuthSecretPhases | undefined;
    },
    options?: { force?: boolean | undefined },
  ): void;
  /** Waits for calls in flight, up to storeTimeout. Later calls fail with ERR_STORE_UNAVAILABLE. */
  close(): Promise<void>;
  stats(): AuthStats;
  /** Copies an SQLite store to a file. */
  backup(path: string): Promise<void>;
  /**
   * Puts such a copy in the place of all that an SQLite store holds, at once, also for other processes
   * that have it open.
   */
  restore(path: string): Promise<void>;
  on(name: AuthEventName, listener: (event: AuthEvent) => void): this;
  off(name: AuthEventName, listener: (event: AuthEvent) => void): this;
}

/** Throws ERR_OPTION or ERR_SECRET. Failures of the store are reported by ready() and each call. */
export function createAuth<Claims extends object = Record<string, unknown>>(options: AuthOptions<Claims>): Auth<Claims>;

/** The same as the method. */
export function rotateRefresh<Claims extends object = Record<string, unknown>>(
  auth: Auth<Claims>,
  refreshToken: string,
  options?: RotateOptions,
): Promise<Tokens<Claims>>;
