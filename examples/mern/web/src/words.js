// What the server did, in a sentence: the first matching row of this table.

const EXPIRED = 'The access token has expired. The client renews it, then sends the call again.';

/** method and path (that of an ID ends with a slash), status, code (or null for any), sentence */
const REQUESTS = [
  [
    'POST /auth/login',
    200,
    null,
    'Checked the password (argon2), started a session, set the refresh token as an HttpOnly cookie.',
  ],
  ['POST /auth/login', 401, null, 'Wrong name or wrong password: both take the same time, so no names leak.'],
  [
    'POST /auth/refresh',
    200,
    null,
    'Exchanged the refresh token for its successor, in one atomic write. The old one is invalid now.',
  ],
  [
    'POST /auth/refresh',
    'lost',
    null,
    'The server rotated the token, but its answer never arrived. The client asks again with the same token.',
  ],
  ['POST /auth/refresh', 401, 'ERR_TOKEN_MISSING', 'No refresh cookie: nobody is logged in here yet.'],
  [
    'POST /auth/refresh',
    401,
    'ERR_REFRESH_REUSED',
    'This token was used before: someone may have a copy, so the session ends for both.',
  ],
  [
    'POST /auth/refresh',
    401,
    'ERR_SESSION_REVOKED',
    'The session was ended. Its refresh token will never be accepted again.',
  ],
  ['POST /auth/refresh', 401, null, 'No live session: log in again.'],
  ['POST /auth/refresh', 409, null, 'This cookie was exchanged by someone else. Not a logout: the client tries again.'],
  [
    'POST /auth/refresh',
    503,
    null,
    'The store did not answer in time. Not a logout: the cookie stays, and the client tries again.',
  ],
  ['POST /auth/logout', 204, null, 'Ended the session in the store and cleared the cookie.'],
  ['POST /auth/logout-all', 204, null, 'Ended every session of this user, on all devices.'],
  ['GET /auth/sessions', 200, null, 'Listed the user’s live sessions.'],
  ['DELETE /auth/sessions/', 204, null, 'Ended that device’s session. Its access token expires within 30 s.'],
  ['GET /api/me', 403, null, 'The payload does not match its signature. Changing one letter is enough.'],
  ['GET /api/me', 200, null, 'The signature is valid: the server signed exactly this payload.'],
  [
    'GET /api/items',
    200,
    null,
    'Checked the signature and the time, in C, in about a microsecond, without asking the database.',
  ],
  ['POST /api/items', 201, null, 'The token says isAdmin: true, signed by the server: changed the list.'],
  ['DELETE /api/items/', 200, null, 'The token says isAdmin: true, signed by the server: changed the list.'],
  [
    'POST /api/items',
    403,
    null,
    'The token says isAdmin: false. The client does not retry: a new token would not help.',
  ],
  [
    'DELETE /api/items/',
    403,
    null,
    'The token says isAdmin: false. The client does not retry: a new token would not help.',
  ],
  ['POST /api/login', 200, null, 'The tutorial’s own route: answers with both tokens in the body.'],
  ['', 401, 'ERR_TOKEN_EXPIRED', EXPIRED],
  ['', 401, 'ERR_SESSION_REVOKED', 'The session was ended.'],
  ['', 401, null, 'The request had no valid token.'],
  ['', 503, null, 'The store did not answer. Nothing has changed.'],
  ['', 'no answer', null, 'The network is down, or the server is.'],
  ['', 'dropped', null, 'Discarded: it began before a logout.'],
];

const RETRIED =
  'Asked again with the used token and the key of its exchange: the answer is the same successor, byte for byte.';

const fits = (place, line) => place === '' || line === place || (place.endsWith('/') && line.startsWith(place));

export function sayRequest({ method, path, status, code, follows }) {
  if (follows === 'lost' && status === 200) return RETRIED;
  const line = `${method} ${path}`;
  const row = REQUESTS.find(
    ([place, of, only]) => fits(place, line) && of === status && (only === null || only === code),
  );
  return row?.[3] ?? '';
}

const REASONS = {
  reuse: 'a used token was presented again',
  'late-retry': 'a used token was presented again, too late for a retry',
  logout: 'logged out',
  revoke: 'signed out by its owner',
  'revoke-all': 'all devices were signed out',
  claims: 'the app no longer knows this user',
  limit: 'too many sessions of one user',
};

const EVENTS = {
  login: () => 'started a session',
  rotate: ({ record }) => `rotated: generation ${record ? record.generation : 'n + 1'}`,
  retry: ({ record }) =>
    `the used token again, by the page that exchanged it: the same successor (retry ${record ? record.retries : ''})`,
  straggler: () => 'a used token without the key of its exchange: refused, and nothing has changed',
  reuse: ({ reason }) => `ended the session: ${REASONS[reason] ?? 'a used token was presented again'}`,
  logout: () => 'ended the session: logged out',
  revoke: ({ reason }) => `ended the session${reason ? `: ${REASONS[reason] ?? reason}` : ''}`,
  rollback: () => 'the database is older than this token: restored from a backup?',
};

export const sayEvent = (event) => EVENTS[event.type]?.(event) ?? event.type;

const BROWSERS = [
  ['Edg/', 'Edge'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
  ['curl/', 'curl'],
];
const SYSTEMS = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['Windows', 'Windows'],
  ['Mac OS', 'macOS'],
  ['Linux', 'Linux'],
];

/** "Chrome on Linux". */
export function nameDevice(userAgent = '') {
  const [browser, system] = [BROWSERS, SYSTEMS].map((table) => table.find(([sign]) => userAgent.includes(sign)));
  if (!browser && !system) return userAgent || 'an unknown device';
  return [browser?.[1] ?? 'A browser', system?.[1]].filter(Boolean).join(' on ');
}
