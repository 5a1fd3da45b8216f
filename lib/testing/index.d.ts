import type { Auth, AuthOptions, UserId } from '../index.js';

export interface TestAuth<Claims extends object = Record<string, unknown>> extends Auth<Claims> {
  /** Logs the user in; resolves with the headers of that user's requests. */
  header(userId: UserId, claims?: Claims): Promise<{ Authorization: string }>;
  /** Moves the auth's clock on: `'31s'`, or seconds. */
  advance(span: string | number): void;
}

/** An auth on `:memory:` with fresh secrets and a clock that a test moves. Call `close()` at the end, so that the runner can exit. */
export function createTestAuth<Claims extends object = Record<string, unknown>>(options?: Partial<AuthOptions<Claims>>): TestAuth<Claims>;
