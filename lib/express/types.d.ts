// The types of the Express part. Structural, so that a project without @types/express type-checks too.
// The handlers fit Express 4, Express 5 and connect.
import type { IncomingMessage, ServerResponse } from 'http';
import type { SignetError, Span } from '../jwt/index.js';
import type { AccessClaims, UserId } from '../auth/index.js';

/** Node's request, with the properties that Express and this package add. */
export interface SignetRequest<Claims extends object = any> extends IncomingMessage {
  body?: any;
  /** The access token's claims, set by `auth.protect()`. */
  user?: AccessClaims<Claims> | undefined;
  /** The user and session of the request, set by `auth.protect()`. */
  auth?: RequestAuth | undefined;
}

export interface RequestAuth {
  userId: string;
  sessionId: string;
  token: string;
}

/** A middleware or router for `app.use()` or a route. */
export type SignetHandler = (req: IncomingMessage, res: ServerResponse, next: (err?: any) => void) => void;

interface CommonOptions {
  /**
   * Origins of the pages that may send requests authorized by a cookie: `['https://app.example.com']`;
   * `['https://*.example.com']` for any one label; or a function that returns true or false. The API's own
   * origin is always allowed.
   */
  origins?: string | string[] | ((origin: string) => boolean) | undefined;
  /** The realm in `WWW-Authenticate`. Default `api`. */
  realm?: string | undefined;
  /** Answers an error. Status and headers (`WWW-Authenticate`, `Retry-After`) are already set. */
  onError?(err: SignetError, req: any, res: any, next: (err?: any) => void): void;
}

export interface ProtectOptions extends CommonOptions {
  /** The claim `role` or one of the claim `roles` must be in this list. */
  roles?: string | string[] | undefined;
  /** All of these must be in the claim `scope` (space-separated) or `scopes` (array). */
  scopes?: string | string[] | undefined;
  /** Passes a request without a token, with `req.user` undefined. An invalid token is still refused. */
  optional?: boolean | undefined;
  /**
   * Checks in the store that the session is live: `true` at most every 5 s per session, a span for another
   * interval, 0 for each request.
   */
  live?: true | Span | undefined;
  /** The longest time since the login: a span, or a number of seconds. */
  maxAuthAge?: Span | undefined;
  /** Returns the token, instead of the Authorization header. */
  getToken?(req: any): string | null | undefined | Promise<string | null | undefined>;
  /**
   * The name of a cookie that may contain the access token. Requests that change something are then checked
   * as the router's are.
   */
  cookie?: string | undefined;
}

/** The result of `authenticate`: the user whose credentials these are. */
export interface SignIn<Claims extends object = Record<string, unknown>> {
  userId: UserId;
  /** Used instead of createAuth's `claims` function. */
  claims?: Claims | undefined;
  /** A name for the device, for the list of sessions. */
  label?: string | undefined;
  /** This session's own idle limit. */
  refreshExpiresIn?: Span | undefined;
  /** false: a session cookie, which ends when the browser closes. Default true. */
  remember?: boolean | undefined;
  /**
   * When the password check began: a later `revokeAll` ends this login. Default: when `authenticate`
   * was called.
   */
  since?: Date | number | string | undefined;
}

type SignInResult<Claims extends object> = SignIn<Claims> | null | undefined | false;

export interface RouterOptions<Claims extends object = Record<string, unknown>> extends CommonOptions {
  /** Checks the credentials in `req.body`. null: 401 ERR_CREDENTIALS. false: no `POST /login`. */
  authenticate: false | { bivariance(req: any): Promise<SignInResult<Claims>> | SignInResult<Claims> }['bivariance'];
  /** How the refresh token is sent. Default `cookie`. */
  transport?: 'cookie' | 'body' | undefined;
  cookie?:
    | {
        /** Default `signet`: `__Host-signet` over https. */
        name?: string | undefined;
        /** Default `strict`. `none` for a front end on another site. */
        sameSite?: 'strict' | 'lax' | 'none' | undefined;
        /** Default: Secure everywhere except on http://localhost. */
        secure?: boolean | undefined;
      }
    | undefined;
}

/** The answer to `POST /login` and `POST /refresh`. */
export interface LoginAnswer<Claims extends object = Record<string, unknown>> {
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  user: { id: string } & Claims;
  /** Only with `transport: 'body'`. */
  refreshToken?: string | undefined;
}

export interface SignetRouter<Claims extends object = Record<string, unknown>> {
  (req: IncomingMessage, res: ServerResponse, next: (err?: any) => void): void;
  /**
   * Logs in a user whom the app authenticated itself (OAuth, passport): sets the cookie and ends the
   * session that it replaces.
   */
  signIn(req: IncomingMessage, res: ServerResponse, who: SignIn<Claims>): Promise<LoginAnswer<Claims>>;
}
