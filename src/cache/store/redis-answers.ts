import { CacheUnavailableError } from '../../errors.js';
import type { Announced, Awaited } from './guards.js';

/** Fields of the registry that are no process. */
const NO_PROCESS = new Set(['born', 'up', 'last']);

/** An answer that no version of the script gives. */
export function unexpectedAnswer(operation: string, reply: unknown): CacheUnavailableError {
  return new CacheUnavailableError(`Redis gave no usable answer to "${operation}". Is it Redis 7 or later?`, {
    context: { operation, replyType: Array.isArray(reply) ? `array of ${reply.length}` : typeof reply },
  });
}

/**
 * Who was told, by the answer of a script that announces; null for an empty answer: there was nothing to announce.
 *
 * @param own the name of this process, which need not be waited for
 */
export function announcedOf(reply: unknown, own: string): Announced | null {
  if (!Array.isArray(reply)) throw unexpectedAnswer('fence or lift', reply);
  if (reply.length === 0) return null;
  const [heard, time, registry] = reply as [number, Buffer, Buffer[]];
  const now = Number(time);
  const awaited: Awaited[] = [];
  let born = now;
  for (let i = 0; i + 1 < registry.length; i += 2) {
    const name = String(registry[i]);
    const state = String(registry[i + 1]);
    if (name === 'born') born = Number(state);
    if (NO_PROCESS.has(name) || name === own || !state.startsWith('S')) continue;
    const withinMs = Number(state.slice(1)) - now;
    if (withinMs > 0) awaited.push({ process: name, withinMs });
  }
  return { awaited, heard, registryAgeMs: now - born };
}
