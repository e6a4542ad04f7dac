import type { EntryKey } from '../store/shared-store.js';
import type { MostRead } from './most-read.js';
import type { DrawnHit, StalenessSampler } from './staleness-sampler.js';

// So many of the hits are noted as read. A note takes a few microseconds, as long as ten hits from memory.
const NOTED_SHARE = 1 / 256;
// No draw for as long as a small integer lasts.
const NEVER = 0x3fff_ffff;

/** What the entries of one cache are, for those of its hits that are drawn. */
export interface SampledEntries {
  /** The model that they are of; null for values that the application computes. */
  readonly model: string | null;
  /** Whether a load must give the same as the entry, so that it may be compared; null: it need not. */
  readonly checkedAs: 'row' | 'query' | null;
  /** The canonical id of a row, or the name of a value; null where it could not be read again by that. */
  nameOf(key: EntryKey): string | null;
}

/**
 * Draws hits at random, to be noted as read and to be compared with the database. Those who answer hits count down one
 * number, and call only when it has come to 0.
 */
export class ReadSampling {
  /** Less by one with each hit; who brings it to 0 must call `draw`, which sets it anew. */
  countdown: number;
  readonly mostRead: MostRead;
  readonly staleness: StalenessSampler;
  readonly #share: number;
  readonly #checkedOfDrawn: number;
  readonly #random: () => number;

  /** @param random 0 to 1, without 1 */
  constructor(mostRead: MostRead, staleness: StalenessSampler, random: () => number = Math.random) {
    this.#share = Math.max(NOTED_SHARE, staleness.share);
    this.#checkedOfDrawn = staleness.share / this.#share;
    this.mostRead = mostRead;
    this.staleness = staleness;
    this.#random = random;
    mostRead.readsPerSample = 1 / this.#share;
    this.countdown = this.#gap();
  }

  /** @param hitOf makes what is needed for a comparison, where there is to be one; not needed for what is not checked */
  draw(entries: SampledEntries | null, key: EntryKey, hitOf?: () => DrawnHit): void {
    this.countdown = this.#gap();
    if (entries === null) return;
    const name = entries.nameOf(key);
    if (name !== null) this.mostRead.note({ model: entries.model, name });
    if (entries.checkedAs === null || hitOf === undefined || this.#random() >= this.#checkedOfDrawn) return;
    this.staleness.offer({ model: entries.model, kind: entries.checkedAs, key }, hitOf());
  }

  /** How many hits until the next draw: geometric, so that no rhythm of the reads escapes it. */
  #gap(): number {
    if (this.#share >= 1) return 1;
    const gap = 1 + Math.floor(Math.log(1 - this.#random()) / Math.log(1 - this.#share));
    return Math.min(gap, NEVER);
  }
}

/** What those who answer hits need of it. */
export type HitSampling = Pick<ReadSampling, 'countdown' | 'draw'>;
