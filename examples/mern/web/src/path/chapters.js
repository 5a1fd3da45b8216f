// The path: five chapters, each with its words, its picture (who sends what to whom), the lines of the app that do it,
// what a tutorial has there, and a run that says what really happened.

import { demo } from '../session.js';
import { tutorial } from './tutorial.js';

const PAST_EXPIRY_S = 31;
const record = () => demo(`/record/${tutorial.sessionId()}`);

/** A chapter may be run first, or after the session has ended. */
async function beLoggedIn({ user, note }) {
  if (tutorial.pair()) return;
  await tutorial.logIn(user);
  note(`Logged in as ${user.username} first.`);
}

export const chapters = [
  {
    id: 'log-in',
    title: 'Log in',
    says:
      'The server checks the password once. From then on two tokens stand for it: an access token, shown with ' +
      'every call, and a refresh token, shown only to get the next pair.',
    picture: [
      ['browser', 'server', 'POST /api/login', 'name and password'],
      ['server', 'store', 'a new session', 'a hash, never the token'],
      ['server', 'browser', 'two tokens', 'access: 30 s · refresh: once'],
    ],
    code: { from: "app.post('/api/login'", to: '  });', mark: 'auth.login' },
    before: `const payload = { id: user.id, isAdmin: user.isAdmin };
const accessToken = jwt.sign(payload, 'mySecretKey', { expiresIn: '30s' });
const refreshToken = jwt.sign(payload, 'myRefreshSecretKey');
refreshTokens.push(refreshToken);`,
    beforeSays:
      'The refresh token never expires. It is kept in an array, in the clear: a restart logs everybody out, ' +
      'and whoever reads the array can be anybody.',
    button: 'Log in as john',
    async run({ user, step, check }) {
      const { status, body } = await step(0, () => tutorial.logIn(user));
      check('The password was right: 200.', status === 200);
      const kept = await step(1, record);
      if (kept)
        check(
          'The store has a hash of generation 0, and no token.',
          kept.generation === 0 && !JSON.stringify(kept).includes('eyJ'),
        );
      await step(2, async () => body);
      check('Both tokens are in the answer.', Boolean(body.access_token && body.refresh_token));
    },
  },
  {
    id: 'call',
    title: 'Call',
    says:
      'Each call shows the access token. The server checks its signature and its time, and asks no ' +
      'database: that is what makes it fast.',
    picture: [
      ['browser', 'server', 'GET /api/me', 'with the access token'],
      ['server', 'browser', 'you are john', 'from the token itself'],
      ['browser', 'server', 'GET /api/me', 'without a token'],
      ['server', 'browser', 'refused', ''],
    ],
    code: { from: 'const verify = auth.protect', to: "app.get('/api/me'", mark: 'auth.protect' },
    before: `jwt.verify(token, 'mySecretKey', (err, user) => {
  if (err) return res.status(403).json('Token is not Valid.');
  req.user = user;
  next();
});`,
    beforeSays:
      'The same idea. But jsonwebtoken prepares the secret again for every call, and accepts a token that ' +
      'never expires.',
    button: 'Call the server',
    async run(context) {
      const { step, check } = context;
      await beLoggedIn(context);
      const answer = await step(0, () => tutorial.me(tutorial.pair().accessToken));
      await step(1, async () => answer.body);
      check(
        'The token was good: 200, and req.user is what it says.',
        answer.status === 200 && answer.body.id === tutorial.userId(),
      );
      const refused = await step(2, () => tutorial.me());
      await step(3, async () => refused.body);
      check('Without a token: 401.', refused.status === 401);
    },
  },
  {
    id: 'expire',
    title: 'Expire',
    says:
      'Nobody can take an access token back: the server asks no database about it. So it lives for 30 seconds ' +
      'only. The refresh token lives for days: it is looked up in the store, and can be ended there.',
    picture: [
      ['server', 'server', '31 s later', 'the server’s clock is set ahead'],
      ['browser', 'server', 'GET /api/me', 'with the old access token'],
      ['server', 'browser', 'refused', ''],
    ],
    code: { from: 'const auth = createAuth({', to: '  });', mark: 'accessExpiresIn' },
    before: `axios.interceptors.request.use(async (config) => {
  if (jwtDecode(user.accessToken).exp * 1000 < Date.now()) {
    const data = await refreshToken();
    config.headers.authorization = 'Bearer ' + data.accessToken;
  }
  return config;
});`,
    beforeSays:
      'The page asks its own clock, which may be wrong. Ten calls at once make ten refreshes, of which nine ' +
      'are refused.',
    button: 'Set the clock 31 s ahead',
    async run(context) {
      const { step, check } = context;
      await beLoggedIn(context);
      await step(0, () => demo('/clock', { seconds: PAST_EXPIRY_S }));
      const answer = await step(1, () => tutorial.me(tutorial.pair().accessToken));
      await step(2, async () => answer.body);
      check('The token has run out: 403 “Token is not Valid.”', answer.status === 403);
    },
  },
  {
    id: 'refresh',
    title: 'Refresh',
    says:
      'The refresh token is rotated: exchanged for a new pair, and then worthless. Its successor takes its place ' +
      'in the store, in one atomic write.',
    picture: [
      ['browser', 'server', 'POST /api/refresh/1', 'with the refresh token'],
      ['server', 'store', 'exchange', 'the old hash for the new one'],
      ['server', 'browser', 'two new tokens', ''],
      ['browser', 'server', 'GET /api/me', 'with the new access token'],
    ],
    code: { from: "app.post('/api/refresh/:id'", to: '  });', mark: 'rotateRefresh' },
    before: `if (!refreshTokens.includes(token)) return res.status(403).json('Refresh token is not valid!');
jwt.verify(token, 'myRefreshSecretKey', (err, user) => {
  refreshTokens = refreshTokens.filter((each) => each !== token);
  const next = generateRefreshToken(user);
  refreshTokens.push(next);
  res.json({ accessToken: generateAccessToken(user), refreshToken: next });
});`,
    beforeSays:
      'Two processes have two arrays. If the answer is lost on the way, the old token is gone, the new one ' +
      'never arrived, and the user is logged out. signet-jwt/client asks again and gets the same answer: see ' +
      '“A lost answer” in Free play.',
    button: 'Refresh',
    async run(context) {
      const { step, check } = context;
      await beLoggedIn(context);
      const [old, before] = [tutorial.pair(), await record()];
      const answer = await step(0, () => tutorial.refresh(old.refreshToken));
      tutorial.take(answer);
      check(
        'Exchanged: 200, and both tokens are new.',
        answer.status === 200 && answer.body.refreshToken !== old.refreshToken,
      );
      const after = await step(1, record);
      if (after)
        check(
          `The record has moved on: generation ${before.generation} → ${after.generation}.`,
          after.generation === before.generation + 1 && after.previousHash === before.tokenHash,
        );
      await step(2, async () => answer.body);
      const called = await step(3, () => tutorial.me(tutorial.pair().accessToken));
      check('The new access token is good: 200.', called.status === 200);
    },
  },
  {
    id: 'be-robbed',
    title: 'Be robbed',
    says:
      'A thief copies your refresh token and is faster than you. When yours comes, the server sees the same ' +
      'token twice, cannot tell who is who, and ends the session for both.',
    picture: [
      ['browser', 'thief', 'the refresh token', 'copied by a script on the page'],
      ['thief', 'server', 'POST /api/refresh/1', 'first'],
      ['server', 'thief', 'two new tokens', ''],
      ['browser', 'server', 'POST /api/refresh/1', 'with the same token'],
      ['server', 'store', 'end the session', 'reuse'],
      ['thief', 'server', 'POST /api/refresh/1', 'with the new token'],
      ['server', 'thief', 'refused', 'for good'],
    ],
    code: { from: '    const live = await auth.sessions', to: "'Refresh token is not valid!'", mark: 'rotateRefresh' },
    before: `refreshTokens = refreshTokens.filter((each) => each !== token);
refreshTokens.push(next);`,
    beforeSays:
      'Whoever comes first continues forever. You get “Refresh token is not valid!”, log in again, and the ' +
      'thief is still there.',
    button: 'Be robbed',
    async run(context) {
      const { step, check, events } = context;
      await beLoggedIn(context);
      const stolen = await step(0, async () => tutorial.pair().refreshToken);
      const userId = tutorial.userId();
      const thief = await step(1, () => tutorial.refresh(stolen, userId));
      await step(2, async () => thief.body);
      check('The thief was first: 200.', thief.status === 200);
      const mine = await step(3, () => tutorial.refresh(stolen, userId));
      check('You come with the same token: 403.', mine.status === 403);
      const kept = await step(4, record);
      if (kept) check('The store has ended the session.', Boolean(kept.revokedFor));
      check('The app was told: the event “reuse”.', await events.has('reuse'));
      const again = await step(5, () => tutorial.refresh(thief.body.refreshToken, userId));
      await step(6, async () => again.body);
      check('The thief’s new token is worthless: 403.', again.status === 403);
      tutorial.forget();
      return {
        text:
          'It is not always theft: after a lost answer, your own page would do the same. Here the server cannot ' +
          'tell; in Free play it can, by a key that the page sends with each refresh.',
      };
    },
  },
];
