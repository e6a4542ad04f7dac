import type { LedgerEntry, WriteRecord } from '../history.js';
import { NO_WRITE } from './timeline.js';
import { transactionsOf } from './timelines.js';

/** A write whose outcome the database contradicts. */
export interface LostWrite {
  readonly write: WriteRecord;
  /** `lost`: acknowledged, and not in the database; `revived`: rolled back, and in the database. */
  readonly kind: 'lost' | 'revived';
}

/** What writes inside a savepoint that is rolled back leave: their mark with this behind it. */
export const UNDONE_SUFFIX = 'u';

/** Finds the write that made a transaction: by the mark that it left, or by the last stamp of a row that it deleted. */
export class WriteFinder {
  readonly #byMark = new Map<string, number>();
  readonly #byDeleted = new Map<number, number>();

  constructor(writes: readonly WriteRecord[]) {
    for (const [place, write] of writes.entries()) {
      this.#byMark.set(String(write.mark), place);
      for (const stamp of write.deleted) this.#byDeleted.set(stamp, place);
    }
  }

  /** The place of the write, or `NO_WRITE`: its process was killed before it could say what it had deleted. */
  find(transaction: readonly LedgerEntry[]): number {
    for (const { gone, mark, stamp } of transaction) {
      // A row that is gone bears the mark of whoever wrote it last.
      const place = gone ? this.#byDeleted.get(stamp) : this.#byMark.get(mark);
      if (place !== undefined) return place;
    }
    return NO_WRITE;
  }
}

/** Compares what writers were told with what the database holds. */
export function lostWrites(
  writes: readonly WriteRecord[],
  ledger: readonly LedgerEntry[],
  finder: WriteFinder,
): readonly LostWrite[] {
  const committed = new Set<number>();
  const revived = new Set<number>();
  for (const transaction of transactionsOf(ledger)) {
    const place = finder.find(transaction);
    committed.add(place);
    for (const { mark, gone } of transaction) {
      if (!gone && mark.endsWith(UNDONE_SUFFIX)) revived.add(place);
    }
  }
  return writes.flatMap((write, place): LostWrite[] => {
    if (write.outcome === 'acknowledged' && !committed.has(place)) return [{ write, kind: 'lost' }];
    const cameBack = revived.has(place) || (write.outcome === 'rolledBack' && committed.has(place));
    return cameBack ? [{ write, kind: 'revived' }] : [];
  });
}
