import type { Logger } from '../../config/index.js';
import type { KeySpace } from '../keys.js';
import type { ReadContext } from '../read-context.js';
import type { MostRead, MostReadEntry } from '../sampling/most-read.js';
import { mostReadWarmer, type NamedLoader } from './most-read-warmer.js';
import { rightsOf } from './rights.js';
import { type WarmEntry, type WarmOptions, type WarmResult, warmCache } from './warm-cache.js';
import { type Warmer, type WarmerStatistics, Warmers } from './warmers.js';

/** Reads rows of a model into the cache, by their canonical ids. */
export type RowWarming = (ids: readonly string[]) => Promise<unknown>;

/** How what was read most is warmed. */
export interface MostReadWarming {
  /** How many entries. @default 100 */
  readonly limit?: number;
  /** @default 300 */
  readonly intervalSeconds?: number;
}

/** Fills the cache of one process before it is asked: from lists, by warmers, and with what was read most. */
export class CacheWarming {
  readonly #mostRead: MostRead;
  readonly #getOrLoad: (entry: WarmEntry) => Promise<unknown>;
  readonly #warmers: Warmers;
  readonly #rows = new Map<string, RowWarming>();
  readonly #loaders = new Map<string, NamedLoader>();

  /** @param options `getOrLoad`: answers from the cache, else from the entry's loader */
  constructor(options: {
    readonly read: Pick<ReadContext, 'store' | 'guard' | 'nextToken' | 'clock'>;
    readonly keys: Pick<KeySpace, 'warmer'>;
    readonly logger: Logger;
    readonly mostRead: MostRead;
    readonly getOrLoad: (entry: WarmEntry) => Promise<unknown>;
  }) {
    const { read, keys, logger, mostRead, getOrLoad } = options;
    this.#mostRead = mostRead;
    this.#getOrLoad = getOrLoad;
    this.#warmers = new Warmers({
      rights: rightsOf(read.store, read.guard),
      keyOf: (name) => keys.warmer(name),
      nextToken: read.nextToken,
      clock: read.clock,
      logger,
      warm: (entries, how) => this.warm(entries, how),
    });
  }

  /** See `warmCache`. */
  warm(entries: readonly WarmEntry[], options: WarmOptions = {}): Promise<WarmResult> {
    return warmCache(entries, this.#getOrLoad, options);
  }

  /** See `Warmers.add`. */
  add(warmer: Warmer): () => Promise<void> {
    return this.#warmers.add(warmer);
  }

  /**
   * Adds the warmer `most-read`: rows whose model was given to `addRows` and values that were given to `addLoader`.
   *
   * @throws InvalidArgumentError when there is one already, or an option is out of bounds
   */
  addMostRead(options: MostReadWarming = {}): () => Promise<void> {
    return this.add(
      mostReadWarmer({
        ...options,
        mostRead: (limit) => this.mostRead(limit),
        warmRows: (model) => this.#rows.get(model) ?? null,
        loaderOf: (name) => this.#loaders.get(name) ?? null,
      }),
    );
  }

  /** Says how rows of a model are read; what is said last counts. */
  addRows(model: string, warming: RowWarming): void {
    this.#rows.set(model, warming);
  }

  /** Says how the value of this name is made; what is said last counts. */
  addLoader(name: string, loader: NamedLoader): void {
    this.#loaders.set(name, loader);
  }

  /** What this process read most often from the cache in the last hour, most often first. */
  mostRead(limit: number): readonly MostReadEntry[] {
    return this.#mostRead.most(limit);
  }

  /** Lets this process take its part in running the warmers. */
  start(): void {
    this.#warmers.start();
  }

  /** Ends what is under way, and lets other processes take over. Does not reject. */
  stop(): Promise<void> {
    return this.#warmers.stop();
  }

  /** What the warmers have done in this process. */
  getStatistics(): WarmerStatistics {
    return this.#warmers.getStatistics();
  }
}
