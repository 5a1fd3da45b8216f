// The Express part of the types. Structural, so that a project without @types/express type-checks too; the handlers fit Express 4, Express 5 and connect.
import type { IncomingMessage, ServerResponse } from 'http';
import type { SignetError, Span } from '../jwt/index.js';
import type { AccessClaims, UserId } from '../auth/index.js';

/** A request as the routes see it: Node's, with what Express and this package add. */
export interface SignetRequest<Claims extends object = any> extends IncomingMessage {
  body?: any;
  /** The access token's claims, set by `auth.protect()`. */
  user?: AccessClaims<Claims> | undefined;
  /** Whose request this is, set by `auth.protect()`. */
  auth?: RequestAuth | undefined;
}

export interface RequestAuth {
  userId: string;
  sessionId: string;
  token: string;
}

/** A middleware or router, to be handed to `app.use()` or a route. */
export type SignetHandler = (req: IncomingMessage, res: ServerResponse, next: (err?: any) => void) => void;

interface CommonOptions {
  /** Origins of pages that may send requests which a cookie authorises: `['https://app.example.com']`; `['https://*.example.com']` for any one
   * label; or a function that returns true or false. The API's own origin needs no line. */
  origins?: string | string[] | ((origin: string) => boolean) | undefined;
  /** The realm named in `WWW-Authenticate`. Default `api`. */
  realm?: string | undefined;
  /** Answers an error in the app's own way. Status and headers (`WWW-Authenticate`, `Retry-After`) are set already. */
  onError?(err: SignetError, req: any, res: any, next: (err?: any) => void): void;
}

export interface ProtectOptions extends CommonOptions {
  /** One of these must be the claim `role`, or among the claim `roles`. */
  roles?: string | string[] | undefined;
  /** All of these must be in the claim `scope` (words) or `scopes` (array). */
  scopes?: string | string[] | undefined;
  /** Lets a request without any token pass, `req.user` undefined. A bad token is still refused. */
  optional?: boolean | undefined;
  /** Asks the store whether the session still lives: `true` for at most every 5 s and session, a span for another age, 0 for each request. */
  live?: true | Span | undefined;
  /** The longest time since the login: a span, or seconds. */
  maxAuthAge?: Span | undefined;
  /** Where the token is, instead of the Authorization header. */
  getToken?(req: any): string | null | undefined | Promise<string | null | undefined>;
  /** The name of a cookie that may hold the access token. Requests that change something then pass the same checks as the router's. */
  cookie?: string | undefined;
}

/** What `authenticate` has found: whose credentials these are. */
export interface SignIn<Claims extends object = Record<string, unknown>> {
  userId: UserId;
  /** Instead of asking createAuth's `claims` function. */
  claims?: Claims | undefined;
  /** A name for the device, shown in the list of sessions. */
  label?: string | undefined;
  /** This session's own idle limit. */
  refreshExpiresIn?: Span | undefined;
  /** false: the cookie goes when the browser closes. Default true. */
  remember?: boolean | undefined;
  /** When the password check began; a `revokeAll` since then ends this login. Default: when `authenticate` was called. */
  since?: Date | number | string | undefined;
}

export interface RouterOptions<Claims extends object = Record<string, unknown>> extends CommonOptions {
  /** Looks the credentials in `req.body` up. null: 401 ERR_CREDENTIALS. false: no `POST /login`. */
  authenticate: false | { bivariance(req: any): Promise<SignIn<Claims> | null | undefined | false> | SignIn<Claims> | null | undefined | false }['bivariance'];
  /** How the refresh token travels. Default `cookie`. */
  transport?: 'cookie' | 'body' | undefined;
  cookie?: {
    /** Default `signet`: `__Host-signet` over https. */
    name?: string | undefined;
    /** Default `strict`. `none` for a front end on another site. */
    sameSite?: 'strict' | 'lax' | 'none' | undefined;
    /** Left out: Secure everywhere but on http://localhost. */
    secure?: boolean | undefined;
  } | undefined;
}

/** What `POST /login` and `POST /refresh` answer. */
export interface LoginAnswer<Claims extends object = Record<string, unknown>> {
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  user: { id: string } & Claims;
  /** With `transport: 'body'` only. */
  refreshToken?: string | undefined;
}

export interface SignetRouter<Claims extends object = Record<string, unknown>> {
  (req: IncomingMessage, res: ServerResponse, next: (err?: any) => void): void;
  /** Logs in a user whom the app has authenticated by itself (OAuth, passport): sets the cookie, ends the session it replaces. */
  signIn(req: IncomingMessage, res: ServerResponse, who: SignIn<Claims>): Promise<LoginAnswer<Claims>>;
}
