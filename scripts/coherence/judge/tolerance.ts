import { NS_PER_MS } from '../clock.js';
import type { Coherence, FaultWindow, Stall, WriteRecord } from '../history.js';

/** Why a read may miss what was written: see docs/coherence-check.md, "What is judged by what is possible". */
export const TOLERATED = ['around', 'partition', 'lostFence', 'unheard', 'eventual'] as const;
export type Tolerated = (typeof TOLERATED)[number];

/** How long others may miss what was written around the repositories, or by a process that is cut off. */
export const RELAY_BOUND_MS = 250;
/** How long near caches of other processes may lag in `eventual`. */
export const EVENTUAL_BOUND_MS = 1_000;
/** How long after a fault its effects on the relay, or on a process's way to Redis, may last. */
const RECOVERY_MS = 3_000;

/** What keeps the relay, which invalidates for those who did not, from its work. */
const HINDERS_RELAY: ReadonlySet<FaultWindow['kind']> = new Set([
  'kill',
  'stop',
  'redis-restart',
  'redis-pause',
  'partition',
  'pg-restart',
]);

export interface ToleranceOptions {
  readonly coherence: Coherence;
  readonly faults: readonly FaultWindow[];
  readonly stalls: readonly Stall[];
  /** @default RELAY_BOUND_MS */
  readonly relayBoundMs?: number;
}

/** What one write may be missed by, and until when. */
export interface WriteTolerance {
  /** From when on its own process must see it. */
  readonly ownFrom: number;
  /** From when on every process must see it. */
  readonly from: number;
  /** Why that is later than its acknowledgement; null where it is not. */
  readonly reason: Tolerated | null;
  /** Whether no fence stood for it, so that reads before its acknowledgement may see it in any order. */
  readonly unfenced: Tolerated | null;
  /** Whether its fence may have been lost, so that this may be until its acknowledgement. */
  readonly fenceLost: boolean;
}

/** Of a write that nobody knows when it began or ended: nothing can be asked. */
export const UNKNOWN_WRITE: WriteTolerance = Object.freeze({
  ownFrom: Number.POSITIVE_INFINITY,
  from: Number.POSITIVE_INFINITY,
  reason: null,
  unfenced: 'unheard',
  fenceLost: false,
});

/** Says of each write from when on it must be seen. */
export class Tolerance {
  readonly #coherence: Coherence;
  readonly #relayBoundNs: number;
  readonly #hindering: readonly FaultWindow[];
  readonly #partitions: readonly FaultWindow[];
  /** One after the other, each apart from the next. */
  readonly #stalls: readonly Stall[];
  readonly #losingFences: readonly FaultWindow[];

  constructor({ coherence, faults, stalls, relayBoundMs = RELAY_BOUND_MS }: ToleranceOptions) {
    this.#stalls = united(stalls);
    this.#coherence = coherence;
    this.#relayBoundNs = relayBoundMs * NS_PER_MS;
    this.#hindering = [...faults]
      .filter(({ kind }) => HINDERS_RELAY.has(kind))
      .sort((a, b) => a.begunAt - b.begunAt);
    this.#partitions = faults.filter(({ kind }) => kind === 'partition');
    this.#losingFences = faults.filter(({ kind }) => kind === 'redis-flush' || kind === 'evict');
  }

  of(write: WriteRecord): WriteTolerance {
    const acknowledgedAt = write.outcome === 'acknowledged' ? write.endedAt : Number.POSITIVE_INFINITY;
    // One that nobody heard the end of may hold its fence for long.
    const span = { begunAt: write.begunAt, endedAt: acknowledgedAt };
    const unfenced = write.around ? 'around' : this.#wasCutOff(write.process, span) ? 'partition' : null;
    const fenceLost = this.#losingFences.some((fault) => overlap(span, fault));
    if (unfenced !== null) {
      const from = this.#relayedBy(acknowledgedAt);
      return { ownFrom: from, from, reason: from > acknowledgedAt ? unfenced : null, unfenced, fenceLost };
    }
    const lagNs = this.#coherence === 'eventual' ? EVENTUAL_BOUND_MS * NS_PER_MS : 0;
    return {
      ownFrom: acknowledgedAt,
      from: acknowledgedAt + lagNs,
      reason: lagNs > 0 ? 'eventual' : null,
      unfenced,
      fenceLost,
    };
  }

  /** How long another process may still return what it had when this one returned something newer. */
  get lagNs(): number {
    return this.#coherence === 'eventual' ? EVENTUAL_BOUND_MS * NS_PER_MS : 0;
  }

  /**
   * By when the relay must have told all: within its bound, but the clock stands still while a fault hinders it, or while
   * some process gets no processor.
   */
  #relayedBy(moment: number): number {
    if (this.#relayBoundNs === 0) return moment;
    let by = moment + this.#relayBoundNs;
    for (let at = this.#firstStallAfter(moment); at < this.#stalls.length; at += 1) {
      const { begunAt, endedAt } = this.#stalls[at] ?? NEVER;
      if (begunAt > by) break;
      by += endedAt - Math.max(begunAt, moment);
    }
    for (const { begunAt, endedAt } of this.#hindering) {
      const recoveredAt = endedAt + RECOVERY_MS * NS_PER_MS;
      if (begunAt <= by && recoveredAt >= moment) by = Math.max(by, recoveredAt + this.#relayBoundNs);
    }
    return by;
  }

  #firstStallAfter(moment: number): number {
    let [low, high] = [0, this.#stalls.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#stalls[middle] ?? NEVER).endedAt < moment) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #wasCutOff(process: number, span: Span): boolean {
    return this.#partitions.some(
      (fault) => fault.process === process && overlap(span, fault, RECOVERY_MS * NS_PER_MS),
    );
  }
}

const NEVER: Stall = Object.freeze({ begunAt: Number.POSITIVE_INFINITY, endedAt: Number.POSITIVE_INFINITY });

/** The same time, where stalls of several processes overlap only once. */
function united(stalls: readonly Stall[]): readonly Stall[] {
  const result: { begunAt: number; endedAt: number }[] = [];
  for (const { begunAt, endedAt } of [...stalls].sort((a, b) => a.begunAt - b.begunAt)) {
    const last = result.at(-1);
    if (last !== undefined && begunAt <= last.endedAt) last.endedAt = Math.max(last.endedAt, endedAt);
    else result.push({ begunAt, endedAt });
  }
  return result;
}

type Span = Pick<WriteRecord, 'begunAt' | 'endedAt'>;

function overlap(span: Span, fault: FaultWindow, afterwardsNs = 0): boolean {
  return span.begunAt <= fault.endedAt + afterwardsNs && fault.begunAt <= span.endedAt;
}
