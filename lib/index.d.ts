// The package's types. Express' Request is typed only for who imports 'signet-jwt/express'.
export * from './tokens.js';
export * from './sessions.js';
export type * from './express/types.js';
