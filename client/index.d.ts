/** The state for the page. The object stays the same until something changes, as useSyncExternalStore requires. */
export interface ClientState<User = unknown> {
  /** `loading`: a session is being restored, or the server could not be reached yet. */
  readonly status: 'loading' | 'in' | 'out';
  readonly user: User | null;
  /** When the access token expires, by this machine's clock in milliseconds; for display only. */
  readonly expiresAt: number | null;
  /** Why the session could not be restored: a refusal that no attempt changes, such as `ERR_ORIGIN`. Also logged. */
  readonly error: ClientError | null;
}

/** A place for one text. */
export interface TextStorage {
  get(): string | null | undefined | Promise<string | null | undefined>;
  set(text: string): void | Promise<void>;
  remove(): void | Promise<void>;
}

/** Where a refresh token is kept with transport 'body'. */
export interface TokenStorage extends TextStorage {
  /**
   * A second place, for the keys of refreshes: with it, a lost answer can be asked for again after the grace period. It
   * must last as long as the token's.
   */
  keys?: TextStorage | undefined;
}

export interface ClientOptions {
  /** Where `auth.router()` is mounted. Default `/auth`. */
  baseUrl?: string | undefined;
  /** As the router's: `cookie` (default; the tabs share one session) or `body` (one session per tab). */
  transport?: 'cookie' | 'body' | undefined;
  /** Transport `body` only. `memory` (default): a reload logs out. `session`: sessionStorage. Or your own. */
  storage?: 'memory' | 'session' | TokenStorage | undefined;
  /** Other origins that may receive the access token. `baseUrl`'s origin always does; no other origin does. */
  origins?: string[] | undefined;
  /**
   * Which answers mean that the token is no longer valid. Default: status 401. To read the body, clone the response.
   */
  refreshOn?: ((response: Response) => boolean | Promise<boolean>) | undefined;
  /** Replaces the global fetch. */
  fetch?: typeof fetch | undefined;
  /** A monotonic clock in milliseconds. Default `performance.now`. */
  now?: (() => number) | undefined;
}

export interface Client<User = unknown> {
  /** Resolves once the session is restored, there is none, or the server could not be reached. Never rejects. */
  readonly ready: Promise<unknown>;
  /** @throws {ClientError} the server's refusal, with `code` and `status` */
  login(credentials: unknown): Promise<User>;
  /** Logs out all tabs at once. Rejects if the server could not be reached; tried again after the next page load. */
  logout(): Promise<void>;
  /**
   * Like the global fetch, with the access token. Renews an expired token first, and sends the request once more after
   * a 401 (twice if the server does not know the new token's secret yet: `ERR_KEY_UNKNOWN`). Discards an answer to a
   * call made before a logout: the promise rejects with an `AbortError`.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /**
   * A token to send by other means (a WebSocket), or null if nobody is logged in. `refused`: the token just answered
   * with 401.
   */
  getToken(refused?: string): Promise<string | null>;
  getState(): ClientState<User>;
  /** @returns a function that ends the subscription */
  subscribe(listener: (state: ClientState<User>) => void): () => void;
  /** Stops timers and listeners. For tests; a page never needs it. */
  close(): void;
}

/** The rejection of `login`, `logout`, `fetch` and `getToken` if the server answered with an error. */
export interface ClientError extends Error {
  code?: string | undefined;
  status: number;
  /** Seconds: the answer's `Retry-After`. */
  retryAfter?: number | undefined;
}

export function createClient<User = unknown>(options?: ClientOptions): Client<User>;
