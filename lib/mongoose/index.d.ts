import type { Connection, HydratedDocument, Model, Mongoose, QueryWithHelpers, Schema } from 'mongoose';

/** A session's record in MongoDB. docs/mongodb.md documents the fields. */
export interface SessionRecord {
  _id: string;
  /** The user's id as text; the hex form of an ObjectId. */
  userId: string;
  generation: number;
  retries: number;
  retriesTotal: number;
  createdAt: Date;
  rotatedAt: Date;
  expiresAt: Date;
  endsAt: Date;
  revokedAt?: Date | undefined;
  revokedFor?: string | undefined;
  userAgent?: string | undefined;
  ip?: string | undefined;
  label?: string | undefined;
  /** Only if a query selects them by name: `select('+tokenHash')`. */
  tokenHash?: Buffer | undefined;
  previousHash?: Buffer | undefined;
  seed?: Buffer | undefined;
}

export interface SessionVirtuals<User = unknown> {
  /** After `populate('user')`. */
  user?: User | null | undefined;
  lastUsedAt: Date;
}

export interface SessionQueryHelpers {
  /** Only sessions that are neither revoked nor past a limit. */
  live<Result, Document>(
    this: QueryWithHelpers<Result, Document, SessionQueryHelpers>,
    now?: Date,
  ): QueryWithHelpers<Result, Document, SessionQueryHelpers>;
}

export type SessionModel<User = unknown> = Model<SessionRecord, SessionQueryHelpers, {}, SessionVirtuals<User>>;
export type SessionDocument<User = unknown> = HydratedDocument<SessionRecord, SessionVirtuals<User>>;

export interface SessionSchemaOptions {
  /** The app's mongoose, if `require('mongoose')` from this package would load another copy. */
  mongoose?: Mongoose | undefined;
  /** The same as createAuth's. Default 'refreshsessions'. */
  collection?: string | undefined;
  /** The users' model. Default 'User'. */
  ref?: string | undefined;
}

export interface SessionModelOptions extends SessionSchemaOptions {
  /** Default: the mongoose itself. */
  connection?: Mongoose | Connection | undefined;
  /** The model's name. Default 'RefreshSession'. */
  name?: string | undefined;
}

/** A read-only schema of the sessions: writes are refused. */
export function createSessionSchema<User = unknown>(
  options?: SessionSchemaOptions,
): Schema<SessionRecord, SessionModel<User>, {}, SessionQueryHelpers, SessionVirtuals<User>>;

/** The model, on the app's mongoose or on one of its connections. */
export function createSessionModel<User = unknown>(options?: SessionModelOptions): SessionModel<User>;
