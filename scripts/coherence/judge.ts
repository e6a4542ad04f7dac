import type { Columns, History } from './history.js';

/** One read that should not have been, and what shows it. */
export interface Violation {
  readonly kind: 'stale' | 'inversion' | 'uncommitted';
  readonly key: number;
  readonly version: number;
  /** The version that it had to see at least; of an uncommitted value, the mark that was read. */
  readonly expected: number;
  /** How long before the read began the other had ended, in microseconds. */
  readonly gapUs: number;
}

export interface Verdict {
  readonly reads: number;
  readonly writes: number;
  /** Reads that the cache answered. */
  readonly hits: number;
  /** Reads that began after a write was acknowledged, and returned an older value. */
  readonly stale: number;
  /** Reads that began after another read had returned, and returned an older value than that. */
  readonly inversions: number;
  /** Reads of a value that no committed write left. */
  readonly uncommitted: number;
  /** Some of each kind. */
  readonly examples: readonly Violation[];
}

interface Operation {
  readonly version: number;
  readonly mark: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

const EXAMPLES_KEPT = 5;

/**
 * Judges histories of several processes, key by key: each key must behave as one register. A write is known by the
 * version and the mark that it left; version 0 with mark 0 is what every key began with.
 */
export function judge(histories: readonly History[]): Verdict {
  const reads = byKey(histories.map((history) => history.reads));
  const writes = byKey(histories.map((history) => history.writes));
  const counts = { stale: 0, inversion: 0, uncommitted: 0 };
  const examples: Violation[] = [];
  const found = (violation: Violation): void => {
    counts[violation.kind] += 1;
    if (counts[violation.kind] <= EXAMPLES_KEPT) examples.push(violation);
  };

  for (const [key, ofKey] of reads) {
    const written = writes.get(key) ?? [];
    const acknowledged = new Newest(written);
    const returned = new Newest(ofKey);
    const marks = new Map(written.map(({ version, mark }) => [version, mark]));
    marks.set(0, 0);
    for (const { version, mark, startedAt } of ofKey) {
      const known = marks.get(version);
      if (known !== mark) found({ kind: 'uncommitted', key, version, expected: mark, gapUs: 0 });
      const before = { stale: acknowledged.before(startedAt), inversion: returned.before(startedAt) };
      for (const kind of ['stale', 'inversion'] as const) {
        const newest = before[kind];
        if (newest === null || version >= newest.version) continue;
        found({ kind, key, version, expected: newest.version, gapUs: (startedAt - newest.endedAt) / 1_000 });
      }
    }
  }
  const total = (keys: ReadonlyMap<number, readonly Operation[]>): number =>
    [...keys.values()].reduce((sum, operations) => sum + operations.length, 0);
  return Object.freeze({
    reads: total(reads),
    writes: total(writes),
    hits: histories.reduce((sum, history) => sum + history.hits, 0),
    stale: counts.stale,
    inversions: counts.inversion,
    uncommitted: counts.uncommitted,
    examples,
  });
}

/** Of operations by their end: which had the highest version when a given moment came. */
class Newest {
  readonly #byEnd: readonly Operation[];
  /** At each place, the operation with the highest version up to there. */
  readonly #highest: readonly Operation[];

  constructor(operations: readonly Operation[]) {
    this.#byEnd = [...operations].sort((a, b) => a.endedAt - b.endedAt);
    let highest: Operation | undefined;
    this.#highest = this.#byEnd.map((operation) => {
      if (highest === undefined || operation.version > highest.version) highest = operation;
      return highest;
    });
  }

  before(moment: number): Operation | null {
    let [low, high] = [0, this.#byEnd.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#byEnd[middle]?.endedAt ?? Number.POSITIVE_INFINITY) < moment) low = middle + 1;
      else high = middle;
    }
    return this.#highest[low - 1] ?? null;
  }
}

function byKey(all: readonly Columns[]): ReadonlyMap<number, readonly Operation[]> {
  const keys = new Map<number, Operation[]>();
  for (const { key, version, mark, startedAt, endedAt } of all) {
    key.forEach((name, index) => {
      const operations = keys.get(name) ?? [];
      operations.push({
        version: version[index] ?? Number.NaN,
        mark: mark[index] ?? Number.NaN,
        startedAt: startedAt[index] ?? Number.NaN,
        endedAt: endedAt[index] ?? Number.NaN,
      });
      keys.set(name, operations);
    });
  }
  return keys;
}
