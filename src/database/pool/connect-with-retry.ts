import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../config/index.js';

/** How often and how patiently to try. */
export interface ConnectOptions {
  /** @default 3 */
  readonly attempts?: number;
  /** Before the second attempt; doubles for each after it. @default 1_000 */
  readonly initialDelayMs?: number;
  /** @default 10_000 */
  readonly maxDelayMs?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

const DEFAULTS = { attempts: 3, initialDelayMs: 1_000, maxDelayMs: 10_000 };

/**
 * Tries until it succeeds or the attempts are used up; then throws the last failure. Waits are cut by up to a half at
 * random, so that a fleet that lost its server does not come back in step.
 */
export async function connectWithRetry(
  connect: () => Promise<void>,
  options: ConnectOptions & { readonly logger: Logger; readonly target: string },
): Promise<void> {
  const { attempts, initialDelayMs, maxDelayMs, logger, target, signal } = { ...DEFAULTS, ...options };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await connect();
      return;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ attempt, attempts, reason, target }, 'PostgreSQL did not accept a connection');
      if (attempt >= attempts) throw error;
      const ceiling = Math.min(maxDelayMs, initialDelayMs * 2 ** (attempt - 1));
      await delay(ceiling * (1 - Math.random() / 2), undefined, signal === undefined ? {} : { signal });
    }
  }
}
