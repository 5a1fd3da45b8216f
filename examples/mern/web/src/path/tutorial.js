// The tutorial's own page, without its page: it logs in, calls and refreshes by the tutorial's routes, and keeps both
// tokens in a variable, as the tutorial does.

let pair = null; // { user, accessToken, refreshToken }

/** @returns {Promise<{ status: number, body: unknown }>} */
async function send(method, path, { token, body } = {}) {
  const headers = {
    ...(body && { 'Content-Type': 'application/json' }),
    ...(token && { Authorization: `Bearer ${token}` }),
  };
  const response = await fetch(path, { method, headers, credentials: 'omit', body: body && JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : null };
}

const payloadOf = (token) => JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));

export const tutorial = {
  pair: () => pair,
  sessionId: () => payloadOf(pair.accessToken).sid,
  userId: () => payloadOf(pair.accessToken).id,

  async logIn({ username, password }) {
    await tutorial.leave();
    const answer = await send('POST', '/api/login', { body: { username, password } });
    const { access_token: accessToken, refresh_token: refreshToken } = answer.body;
    if (answer.status === 200) pair = { accessToken, refreshToken };
    return answer;
  },
  me: (token) => send('GET', '/api/me', { token }),
  refresh: (token, userId = tutorial.userId()) => send('POST', `/api/refresh/${userId}`, { body: { token } }),
  take({ status, body }) {
    if (status === 200) pair = { ...pair, ...body };
  },
  forget() {
    pair = null;
  },
  /** Logs out, so that no session is left behind. */
  async leave() {
    if (pair) await send('POST', '/api/logout', { token: pair.accessToken });
    pair = null;
  },
};
