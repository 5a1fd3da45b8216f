// The package's types. Express' Request is typed only for who imports 'signet-jwt/express'.
export * from './jwt/index.js';
export * from './auth/index.js';
export type * from './express/types.js';
