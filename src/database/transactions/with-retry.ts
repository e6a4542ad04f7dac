import { setTimeout as delay } from 'node:timers/promises';
import { InvalidArgumentError } from '../../errors.js';
import { isUnreachable } from '../database-errors.js';
import { fullJitterMs } from './backoff.js';
import { conflictOf } from './retriable.js';

/**
 * Runs one operation, and again when it collided with another (serialization failure, deadlock) or PostgreSQL could not
 * be reached; any other failure is thrown at once, the last one after the last attempt. An operation whose connection
 * was lost may have taken effect, so it should be one that may be made twice. For several statements use a transaction,
 * which knows what was committed.
 *
 * @param attempts how often to try in all; 3 unless said otherwise
 * @throws InvalidArgumentError when `attempts` is no whole number above 0
 */
export async function withRetry<T>(operation: () => Promise<T>, attempts = 3): Promise<T> {
  if (!(Number.isInteger(attempts) && attempts > 0)) {
    throw new InvalidArgumentError(`attempts is ${attempts}: expected a whole number above 0.`);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      const mayRetry = conflictOf(error) !== null || isUnreachable(error);
      if (!mayRetry || attempt >= attempts) throw error;
      await delay(fullJitterMs(attempt - 1));
    }
  }
}
