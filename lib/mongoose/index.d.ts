import type { Connection, HydratedDocument, Model, Mongoose, QueryWithHelpers, Schema } from 'mongoose';

/** A session's record as it stands in MongoDB. docs/mongodb.md tells what each field is for. */
export interface SessionRecord {
  _id: string;
  /** The user's id as text; of an ObjectId its hex form. */
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
  /** Only where a query selects them by name: `select('+tokenHash')`. */
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
  live<Result, Document>(this: QueryWithHelpers<Result, Document, SessionQueryHelpers>, now?: Date): QueryWithHelpers<Result, Document, SessionQueryHelpers>;
}

export type SessionModel<User = unknown> = Model<SessionRecord, SessionQueryHelpers, {}, SessionVirtuals<User>>;
export type SessionDocument<User = unknown> = HydratedDocument<SessionRecord, SessionVirtuals<User>>;

export interface SessionSchemaOptions {
  /** The app's mongoose, where `require('mongoose')` from this package would find another one. */
  mongoose?: Mongoose | undefined;
  /** As given to createAuth. Default 'refreshsessions'. */
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

/** A schema of the sessions, for reading: writes are refused. */
export function createSessionSchema<User = unknown>(
  options?: SessionSchemaOptions,
): Schema<SessionRecord, SessionModel<User>, {}, SessionQueryHelpers, SessionVirtuals<User>>;

/** The model, on the app's mongoose or on one of its connections. */
export function createSessionModel<User = unknown>(options?: SessionModelOptions): SessionModel<User>;
