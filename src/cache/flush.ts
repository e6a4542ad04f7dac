import type { KeySpace } from './keys.js';
import type { SharedStore } from './store/shared-store.js';
import type { StoreGuard } from './store-guard.js';

/**
 * Takes away what no invalidation reaches: counters and sets, and with `everything` the sessions, and all keys that are not
 * of this cache. What the protocol of this cache stands on stays in any case: without its fences and its registry, a write
 * that is under way might leave an old value. Resolves to whether the store has confirmed it.
 */
export async function flushStore(
  {
    store,
    guard,
    keys,
  }: { readonly store: SharedStore; readonly guard: StoreGuard; readonly keys: KeySpace },
  everything: boolean,
): Promise<boolean> {
  const isRemoved = (key: string): boolean =>
    keys.isTally(key) || (everything && (keys.isSession(key) || !keys.isOwn(key)));
  const walk = store.values.scan(everything ? '' : keys.valuesBeginning)[Symbol.asyncIterator]();
  for (;;) {
    const step = await guard.attempt(() => walk.next());
    if (!step.ok) return false;
    if (step.value.done === true) return true;
    const some = step.value.value.filter(isRemoved);
    if (some.length > 0 && !(await guard.attempt(() => store.values.remove(some))).ok) return false;
  }
}
