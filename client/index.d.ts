/** What a page shows. The same object until something changes, so that React's useSyncExternalStore takes it as it is. */
export interface ClientState<User = unknown> {
  /** `loading`: a session is being restored, or the server could not be asked yet. */
  readonly status: 'loading' | 'in' | 'out';
  readonly user: User | null;
  /** When the access token ends, by this machine's clock in milliseconds; to be shown only. */
  readonly expiresAt: number | null;
  /** Why the session could not be asked for: a refusal that asking again does not change, such as `ERR_ORIGIN`. It is on the console too. */
  readonly error: ClientError | null;
}

/** Where a refresh token is kept with transport 'body'. */
export interface TokenStorage {
  get(): string | null | undefined | Promise<string | null | undefined>;
  set(token: string): void | Promise<void>;
  remove(): void | Promise<void>;
}

export interface ClientOptions {
  /** Where `auth.router()` is mounted. Default `/auth`. */
  baseUrl?: string | undefined;
  /** As the router's: `cookie` (default; the tabs share one session) or `body` (one session a tab). */
  transport?: 'cookie' | 'body' | undefined;
  /** Transport `body` only. `memory` (default): a reload logs out. `session`: sessionStorage. Or your own. */
  storage?: 'memory' | 'session' | TokenStorage | undefined;
  /** Other origins that may see the access token. The origin of `baseUrl` always may; a request to any other goes out without one. */
  origins?: string[] | undefined;
  /** Which answers mean "this token is no longer good". Default: status 401. To read the body, clone the response. */
  refreshOn?: ((response: Response) => boolean | Promise<boolean>) | undefined;
  /** Instead of the global fetch. */
  fetch?: typeof fetch | undefined;
  /** A monotonic clock in milliseconds. Default `performance.now`. */
  now?: (() => number) | undefined;
}

export interface Client<User = unknown> {
  /** Settles when the session has been restored, or found to be none, or the server could not be asked. Never rejects. */
  readonly ready: Promise<unknown>;
  /** @throws {ClientError} the server's refusal, with `code` and `status` */
  login(credentials: unknown): Promise<User>;
  /** Out at once, in all tabs. Rejects where the server could not be told; it is told after the next page load then. */
  logout(): Promise<void>;
  /**
   * As the global fetch, with the access token. Waits for a renewal where the token has run out, and sends once more after a 401.
   * An answer from before a logout is thrown away: the promise rejects with an `AbortError`.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** A token to send by other means (a WebSocket), or null where nobody is logged in. `refused`: the token that was just answered 401. */
  getToken(refused?: string): Promise<string | null>;
  getState(): ClientState<User>;
  /** @returns what ends the subscription */
  subscribe(listener: (state: ClientState<User>) => void): () => void;
  /** Stops timers and listeners. A page never needs it; tests do. */
  close(): void;
}

/** What `login`, `logout`, `fetch` and `getToken` reject with when the server has answered, but not with what was asked for. */
export interface ClientError extends Error {
  code?: string | undefined;
  status: number;
}

export function createClient<User = unknown>(options?: ClientOptions): Client<User>;
