// An Express app on createAuth, typed. Compiled by test/65.types.js, never run.
import express from 'express';
import { createAuth, rotateRefresh } from 'signet-jwt';
import type { Auth, Session, SignetRequest, Tokens } from 'signet-jwt';
import { createTestAuth } from 'signet-jwt/testing';
import 'signet-jwt/express';

interface Claims {
  isAdmin: boolean;
  role: 'admin' | 'user';
}

declare global {
  namespace Express {
    interface User {
      isAdmin: boolean;
    }
  }
}

const auth: Auth<Claims> = createAuth<Claims>({
  accessSecret: process.env.ACCESS_SECRET!,
  refreshSecret: [process.env.REFRESH_SECRET!, Buffer.alloc(32)],
  store: ':memory:',
  claims: async (userId, session) => (session.id && userId ? { isAdmin: true, role: 'admin' } : null),
});

auth.setSecrets({
  refreshSecret: { current: Buffer.alloc(32), next: process.env.NEXT, previous: ['a'], revoked: 'b' },
});
auth.setSecrets({ accessSecret: ['a', 'b'] }, { force: true });
// @ts-expect-error there is always a current secret
auth.setSecrets({ accessSecret: { next: 'a' } });

const app = express();
app.use(express.json());
app.use(
  '/auth',
  auth.router({
    authenticate: async (req: express.Request) =>
      req.body.username ? { userId: '1', claims: { isAdmin: true, role: 'admin' }, remember: false } : null,
    origins: ['https://app.example.com'],
    cookie: { sameSite: 'lax' },
    onError: (err, req, res) => res.status(err.status).json(err.code),
  }),
);
app.use(auth.protect({ cookie: 'access', origins: (origin) => origin.endsWith('.example.com') }));
app.get(
  '/',
  auth.protect({ roles: 'admin', scopes: ['read'], live: '5s', maxAuthAge: 600, optional: true }),
  (req, res) => {
    const isAdmin: boolean | undefined = req.user?.isAdmin;
    const whose: string | undefined = req.auth?.userId;
    res.json({ isAdmin, whose });
  },
);
app.get('/own', auth.protect(), (req, res) => {
  const { user } = req as unknown as SignetRequest<Claims>;
  const role: 'admin' | 'user' | undefined = user?.role;
  res.json([role, user?.sid]);
});

const routes = auth.router({ authenticate: false });
app.get('/callback', async (req, res) => {
  const { user, refreshToken } = await routes.signIn(req, res, {
    userId: { toHexString: () => 'a' },
    claims: { isAdmin: false, role: 'user' },
  });
  const flag: boolean = user.isAdmin;
  res.json([flag, user.id, refreshToken?.length]);
});

async function sessions(): Promise<void> {
  const tokens: Tokens<Claims> = await auth.login('1', { claims: { isAdmin: true, role: 'admin' }, label: 'phone' });
  const next = await rotateRefresh(auth, tokens.refreshToken, {
    strict: true,
    idempotencyKey: 'k',
    previousKey: undefined,
  });
  const flag: boolean = auth.verifyAccess(next.accessToken).isAdmin;
  const list: Session[] = await auth.sessions('1');
  auth.on('retry', ({ late, keyed }) => console.log(late && keyed));
  auth.on('straggler', ({ sessionId }) => console.log(sessionId));
  auth.on('reuse', ({ userId, at }) => console.log(userId, at.toISOString(), flag, list.length));
  const test = createTestAuth<Claims>({ accessExpiresIn: '30s' });
  test.advance('31s');
  const { Authorization } = await test.header('1', { isAdmin: true, role: 'user' });
  await test.close();
  void Authorization.length;
}

// @ts-expect-error no such event
auth.on('error', () => {});
// @ts-expect-error the claims are of another shape
void auth.login('1', { claims: { isAdmin: 'yes' } });
// @ts-expect-error authenticate must be said
auth.router({});
// @ts-expect-error no such option
auth.protect({ role: 'admin' });

export { sessions };
