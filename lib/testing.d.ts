import type { Auth, AuthOptions } from './index.js';

export interface TestAuth<Claims = Record<string, unknown>> extends Auth<Claims> {
  /** Logs the user in; resolves with the headers of that user's requests. */
  header(userId: string | { toHexString(): string }, claims?: Claims): Promise<{ Authorization: string }>;
  /** Moves the auth's clock on: `'31s'`, or seconds. */
  advance(span: string | number): void;
}

/** An auth on `:memory:` with fresh secrets and a clock that a test moves. Call `close()` at the end, so that the runner can exit. */
export function createTestAuth<Claims = Record<string, unknown>>(options?: Partial<AuthOptions<Claims>>): TestAuth<Claims>;
