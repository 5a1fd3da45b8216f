// signet-jwt/express: importing this types `req.user` and `req.auth` in Express, and only then.
//   import 'signet-jwt/express';
//   declare global { namespace Express { interface User { isAdmin: boolean } } }   // the app's own claims
import type { Auth } from '../index.js';
import type { ProtectOptions, RequestAuth, RouterOptions, SignetHandler, SignetRouter } from './types.js';

export * from './types.js';

/** The same as `auth.protect(options)`. */
export function protect(auth: Auth<any>, options?: ProtectOptions): SignetHandler;

/** The same as `auth.router(options)`. */
export function createRouter<Claims extends object>(
  auth: Auth<Claims>,
  options: RouterOptions<Claims>,
): SignetRouter<Claims>;

declare global {
  namespace Express {
    // Mergeable with @types/passport, which has this interface too.
    interface User {
      sub?: string;
      sid?: string;
      iat?: number;
      exp?: number;
      auth_time?: number;
    }
    interface Request {
      user?: User | undefined;
      auth?: RequestAuth;
    }
  }
}
