import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../../config/index.js';
import { InvalidArgumentError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { EntryCodec } from '../entry-codec.js';
import { NOTHING } from '../near/near-cache.js';
import type { EntryKey } from '../store/shared-store.js';
import { isSameResult } from './same-result.js';

const DEFAULT_SHARE = 1 / 10_000;
// A comparison makes up to three loads: at most ten begin in a second, one after the other.
const PAUSE_MS = 100;
// What other writers change may lie in the cache for 250 ms (promise P5), and a while longer under load.
const GRACE_MS = 500;
// Each is logged once; of more, none is logged any more until the process starts anew.
const MAX_LOGGED = 1_000;

/** What was read. */
export interface SampledHit {
  readonly model: string | null;
  readonly kind: 'row' | 'query';
  readonly key: EntryKey;
}

/** A hit, and the ways to look at it again. */
export interface DrawnHit {
  /** What the reader was given; null: there is none. */
  readonly value: unknown;
  /** Asks the database, as the reader would have. */
  load(): Promise<unknown>;
  /** What the cache would give now; `NOTHING` where that is nothing, or may be another entry than that of the hit. */
  cached(): Promise<unknown>;
  /** Invalidates the entry. */
  drop(): Promise<void>;
}

/** An entry that was found to be stale. */
export interface StaleEntry {
  readonly model: string | null;
  readonly kind: 'row' | 'query';
  /** Stands for the key, which may hold personal data. */
  readonly keyHash: string;
}

/** What came of the comparisons. */
export interface StalenessStatistics {
  /** Hits that were compared. */
  readonly sampled: number;
  /** The database had the same. */
  readonly consistent: number;
  /** Someone wrote meanwhile, so that nothing follows from a difference. */
  readonly inconclusive: number;
  /** It differed, and half a second later no more: the change of another writer was on its way. */
  readonly lagging: number;
  /** It differed and stayed. */
  readonly stale: number;
  /** Comparisons that failed. */
  readonly errors: number;
  /** Hits that were drawn and not compared, because another comparison was under way or had just begun. */
  readonly skipped: number;
  /** Stale ones of those with a result, 0 to 1; null while there was none. */
  readonly inconsistencyRate: number | null;
}

/** How hits are compared with the database. */
export interface StalenessOptions {
  /** The share of hits that is compared; 0 for none. @default 0.0001 */
  readonly share?: number;
  /** Called for each stale entry. What it throws is counted as an error. */
  readonly onStale?: (entry: StaleEntry) => void;
}

/**
 * Compares hits with the database behind the back of their readers. A difference alone says little, since a write may have
 * come between the hit and the load. So it counts only where the cache goes on giving the old value after each of two loads
 * that gave another: a write takes the entry away before its first statement. One comparison is under way at a time.
 */
export class StalenessSampler {
  readonly share: number;
  readonly #codec: EntryCodec;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onStale: (entry: StaleEntry) => void;
  readonly #counts = {
    sampled: 0,
    consistent: 0,
    inconclusive: 0,
    lagging: 0,
    stale: 0,
    errors: 0,
    skipped: 0,
  };
  readonly #logged = new Set<string>();
  #isBusy = false;
  #notBefore = Number.NEGATIVE_INFINITY;

  /** @throws InvalidArgumentError when the share is none */
  constructor(
    { share = DEFAULT_SHARE, onStale = () => undefined }: StalenessOptions,
    parts: { readonly codec: EntryCodec; readonly clock: Clock; readonly logger: Logger },
  ) {
    if (!(share >= 0 && share <= 1))
      throw new InvalidArgumentError(
        `The share of hits to compare must be a number from 0 to 1, not ${String(share)}.`,
      );
    this.share = share;
    this.#codec = parts.codec;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#onStale = onStale;
  }

  /** Compares a hit, if it may now. Does not throw, and nobody waits for it. */
  offer(of: SampledHit, hit: DrawnHit): void {
    const now = this.#clock.now();
    if (this.#isBusy || now < this.#notBefore) {
      this.#counts.skipped += 1;
      return;
    }
    this.#isBusy = true;
    this.#notBefore = now + PAUSE_MS;
    void this.#compare(of, hit);
  }

  getStatistics(): StalenessStatistics {
    const { consistent, stale } = this.#counts;
    const concluded = consistent + stale;
    return Object.freeze({
      ...this.#counts,
      inconsistencyRate: concluded === 0 ? null : stale / concluded,
    });
  }

  async #compare(of: SampledHit, hit: DrawnHit): Promise<void> {
    this.#counts.sampled += 1;
    try {
      // The reader goes first, and those who were answered with it.
      await nextTurn();
      const outcome = await this.#outcomeOf(hit);
      this.#counts[outcome] += 1;
      if (outcome === 'stale') await this.#found(of, hit);
    } catch (error) {
      this.#counts.errors += 1;
      this.#logger.debug({ err: error, model: of.model }, 'a hit could not be compared with the database');
    } finally {
      this.#isBusy = false;
    }
  }

  async #outcomeOf(hit: DrawnHit): Promise<'consistent' | 'inconclusive' | 'lagging' | 'stale'> {
    const { value } = hit;
    const isLoaded = async (): Promise<boolean> => this.#isSame(await hit.load(), value);
    const isCached = async (): Promise<boolean> => {
      const cached = await hit.cached();
      return cached !== NOTHING && this.#isSame(cached, value);
    };
    if (await isLoaded()) return 'consistent';
    if (!(await isCached()) || (await isLoaded()) || !(await isCached())) return 'inconclusive';
    await this.#clock.rest(GRACE_MS);
    return (await isCached()) && !(await isLoaded()) && (await isCached()) ? 'stale' : 'lagging';
  }

  #isSame(one: unknown, other: unknown): boolean {
    return isSameResult(one, other, this.#codec);
  }

  async #found({ model, kind, key }: SampledHit, hit: DrawnHit): Promise<void> {
    const keyHash = createHash('sha256').update(key).digest('hex').slice(0, 16);
    if (!this.#logged.has(keyHash) && this.#logged.size < MAX_LOGGED) {
      this.#logged.add(keyHash);
      this.#logger.warn(
        { model, kind, keyHash },
        'a cached entry differed from the database, and was dropped',
      );
    }
    await hit.drop();
    this.#onStale(Object.freeze({ model, kind, keyHash }));
  }
}
