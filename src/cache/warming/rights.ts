import { CacheUnavailableError } from '../../errors.js';
import type { SharedStore } from '../store/shared-store.js';
import type { ValueStore } from '../store/value-store.js';
import type { StoreGuard } from '../store-guard.js';

/** Rights of which each is one process's at a time: see `ValueStore`. */
export type Rights = Pick<ValueStore, 'claim' | 'reclaim'>;

/** The rights in a store, asked for through its guard. They reject with CacheUnavailableError while it is away. */
export function rightsOf(store: SharedStore, guard: StoreGuard): Rights {
  const ask = async <T>(operation: () => Promise<T>): Promise<T> => {
    const answer = await guard.attemptUnasked(operation);
    if (answer.ok) return answer.value;
    throw new CacheUnavailableError(
      'The cache is away, so it is not known whose turn it is. It is asked again.',
    );
  };
  return Object.freeze({
    claim: (key: string, token: string, ttlMs: number) => ask(() => store.values.claim(key, token, ttlMs)),
    reclaim: (key: string, token: string, ttlMs: number) =>
      ask(() => store.values.reclaim(key, token, ttlMs)),
  });
}
