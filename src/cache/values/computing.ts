import type { ReadContext } from '../read-context.js';
import type { EntryKey } from '../store/shared-store.js';
import { LEASE_MS } from './value-looks.js';

// How often who waits for another's computation looks whether it has come: the longer it takes, the less often.
const MAX_POLL_MS = 50;
const MAX_LATE_POLL_MS = 250;
const LATE_MS = 1_000;
/** A computation that hangs keeps others from computing for no longer. */
export const MAX_LEASE_MS = 60_000;

/** Waits until the next look for what another computes. @param since when that was begun to be waited for */
export function pause({ clock }: Pick<ReadContext, 'clock'>, polls: number, since: number): Promise<void> {
  const longest = clock.now() - since < LATE_MS ? MAX_POLL_MS : MAX_LATE_POLL_MS;
  return clock.sleep(Math.random() * Math.min(2 ** (polls + 1), longest));
}

/** Keeps a lease, or a right, while a computation takes longer than it lasts. Ends with what it returns. */
export function keepAlive(
  { clock, guard, store }: Pick<ReadContext, 'clock' | 'guard' | 'store'>,
  key: EntryKey,
  token: string,
): () => void {
  const until = clock.now() + MAX_LEASE_MS;
  let cancel = (): void => undefined;
  const again = (): void => {
    cancel = clock.after(LEASE_MS / 3, () => {
      if (clock.now() >= until) return;
      void guard.attempt(() => store.values.reclaim(key, token, LEASE_MS));
      again();
    });
  };
  again();
  return () => cancel();
}
