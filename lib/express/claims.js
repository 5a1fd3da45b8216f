'use strict';
// Reads the user, roles and scopes from an access token's claims.

const { ownValue } = require('../options/plain');

/** Claims about the token, not about the user. */
const OF_THE_TOKEN = new Set(['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sid', 'auth_time']);

/**
 * The user in the routes' answers: `id`, and the app's claims (whose own `id`, if any, takes
 * precedence).
 */
function userOf(userId, claims) {
  const own = Object.entries(claims ?? {}).filter(([name]) => !OF_THE_TOKEN.has(name));
  return { id: userId, ...Object.fromEntries(own) };
}

const asList = (value) => (Array.isArray(value) ? value : []);

/** Whether `claims.role` (a string) or `claims.roles` (array or string) has one of `roles`. */
function hasRole(claims, roles) {
  const one = ownValue(claims, 'role');
  const several = ownValue(claims, 'roles');
  if (typeof one === 'string' && roles.includes(one)) return true;
  if (typeof several === 'string') return roles.includes(several);
  return asList(several).some((role) => roles.includes(role));
}

/**
 * Whether `claims.scope` (RFC 8693 section 4.2: space-separated) and `claims.scopes` (array) together
 * have all of `scopes`.
 */
function hasScopes(claims, scopes) {
  const words = ownValue(claims, 'scope');
  const granted = typeof words === 'string' ? words.split(' ') : asList(words);
  const more = asList(ownValue(claims, 'scopes'));
  return scopes.every((scope) => granted.includes(scope) || more.includes(scope));
}

module.exports = { hasRole, hasScopes, userOf };
