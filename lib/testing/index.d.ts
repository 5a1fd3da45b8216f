import type { Auth, AuthOptions, UserId } from '../index.js';

export interface TestAuth<Claims extends object = Record<string, unknown>> extends Auth<Claims> {
  /** Logs the user in. Resolves with headers for the user's requests. */
  header(userId: UserId, claims?: Claims): Promise<{ Authorization: string }>;
  /** Moves the auth's clock forward: `'31s'`, or a number of seconds. */
  advance(span: string | number): void;
}

/**
 * An auth on `:memory:` with fresh secrets and a clock that the test can move. Call `close()` at the end, so
 * that the test runner can exit.
 */
export function createTestAuth<Claims extends object = Record<string, unknown>>(
  options?: Partial<AuthOptions<Claims>>,
): TestAuth<Claims>;
