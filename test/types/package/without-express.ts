// A project that has not imported signet-jwt/express: nothing of Express' Request is touched.
import type { Request } from 'express';
import { createAuth } from 'signet-jwt';

export const protect = createAuth({ accessSecret: 'a', refreshSecret: 'b' }).protect();

// @ts-expect-error there is no `auth` on a Request that nobody has typed
export const auth = (req: Request): unknown => req.auth;
