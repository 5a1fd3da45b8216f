'use strict';

/*
 * What the routes read out of an access token's claims.
 */

/** Claims that are the token's own affair and say nothing about the user. */
const OF_THE_TOKEN = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sid', 'auth_time']);

/** The user as the routes answer it: `id`, and the app's claims (whose own `id`, if any, wins). */
function userOf(userId, claims) {
  const user = { id: userId };
  for (const [name, value] of Object.entries(claims ?? {})) {
    if (!OF_THE_TOKEN.has(name)) user[name] = value;
  }
  return user;
}

const asList = (value) => (Array.isArray(value) ? value : []);

/** Whether `claims.role` (a string) or `claims.roles` (array, or string) has one of `roles`. */
function hasRole(claims, roles) {
  if (typeof claims.role === 'string' && roles.includes(claims.role)) return true;
  if (typeof claims.roles === 'string') return roles.includes(claims.roles);
  return asList(claims.roles).some((role) => roles.includes(role));
}

/** Whether `claims.scope` (RFC 8693 section 4.2: words with spaces between) and `claims.scopes` (array) together have every one of `scopes`. */
function hasScopes(claims, scopes) {
  const granted = typeof claims.scope === 'string' ? claims.scope.split(' ') : asList(claims.scope);
  const more = asList(claims.scopes);
  return scopes.every((scope) => granted.includes(scope) || more.includes(scope));
}

module.exports = { hasRole, hasScopes, userOf };
