'use strict';
// signet-jwt/mongoose: the sessions as a Mongoose model, to list them and to populate their users. Read-only:
// sessions are changed only by the store's conditional writes.

const { badOption } = require('../native/errors');

const COLLECTION = 'refreshsessions';

// Only documents of sessions have this field. (The collection also has revokeAll's notes.)
const IS_SESSION = { tokenHash: { $exists: true } };

const READS = ['find', 'findOne', 'countDocuments', 'distinct'];
const QUERY_WRITES = [
  'updateOne',
  'updateMany',
  'replaceOne',
  'deleteOne',
  'deleteMany',
  'findOneAndUpdate',
  'findOneAndReplace',
  'findOneAndDelete',
];
const DOCUMENT_WRITES = ['save', 'updateOne', 'deleteOne'];
const MODEL_WRITES = ['insertMany', 'bulkWrite'];

/** The record's fields. What only rotations need is not selected unless a query names it ('+tokenHash'). */
const FIELDS = {
  _id: String,
  userId: String,
  tokenHash: { type: Buffer, select: false },
  previousHash: { type: Buffer, select: false },
  seed: { type: Buffer, select: false },
  keyHash: { type: Buffer, select: false },
  keyGeneration: { type: Number, select: false },
  previousKeyHash: { type: Buffer, select: false },
  previousRotatedAt: { type: Date, select: false },
  generation: Number,
  retries: Number,
  retriesTotal: Number,
  createdAt: Date,
  rotatedAt: Date,
  expiresAt: Date,
  endsAt: Date,
  revokedAt: Date,
  revokedFor: String,
  userAgent: String,
  ip: String,
  label: String,
};

function refuse() {
  throw badOption(
    'signet-jwt/mongoose is read-only: end sessions with auth.revoke(userId, sessionId) or auth.revokeAll(userId)',
  );
}

function refuseWrites(schema) {
  schema.pre(QUERY_WRITES, { query: true, document: false }, refuse);
  schema.pre(DOCUMENT_WRITES, { query: false, document: true }, refuse);
  // Not every Mongoose has middleware for these
  for (const name of MODEL_WRITES) schema.static(name, async () => refuse());
}

function leaveNotesOut(schema) {
  schema.pre(READS, function onlySessions() {
    this.and([IS_SESSION]);
  });
  schema.pre('aggregate', function onlySessions() {
    this.pipeline().unshift({ $match: IS_SESSION });
  });
}

/** The app's peer dependency, loaded if the caller passes none. */
function appsMongoose() {
  try {
    return require('mongoose');
  } catch (cause) {
    throw badOption(
      'signet-jwt/mongoose needs mongoose: npm install mongoose, ' +
        "or pass your app's mongoose: createSessionSchema({ mongoose })",
      { cause },
    );
  }
}

/**
 * A schema of the sessions, for `mongoose.model` or `connection.model`.
 * @param {import('.').SessionSchemaOptions} [options]
 */
function createSessionSchema(given) {
  const { mongoose = appsMongoose(), collection = COLLECTION, ref = 'User' } = { __proto__: null, ...given };
  const options = {
    collection,
    autoIndex: false,
    autoCreate: false,
    versionKey: false,
    timestamps: false,
    toJSON: { virtuals: true },
    toObject: { virtuals: true },
    id: false,
  };
  const schema = new mongoose.Schema(FIELDS, options);
  // userId is the hex form of an ObjectId: Mongoose casts it to the type of the users' _id.
  schema.virtual('user', { ref, localField: 'userId', foreignField: '_id', justOne: true });
  schema.virtual('lastUsedAt').get(function lastUsedAt() {
    return this.rotatedAt;
  });
  schema.query.live = function live(now = new Date()) {
    return this.and([{ revokedAt: null, expiresAt: { $gt: now }, endsAt: { $gt: now } }]);
  };
  leaveNotesOut(schema);
  refuseWrites(schema);
  return schema;
}

/**
 * The model itself, on the app's mongoose or one of its connections.
 * @param {import('.').SessionModelOptions} [options]
 */
function createSessionModel(given) {
  const {
    mongoose = appsMongoose(),
    connection = mongoose,
    name = 'RefreshSession',
    ...rest
  } = { __proto__: null, ...given };
  return connection.model(name, createSessionSchema({ mongoose, ...rest }));
}

module.exports = { createSessionModel, createSessionSchema };
