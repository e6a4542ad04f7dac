import type { Logger } from '../../config/index.js';
import { InvalidArgumentError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { EntryKey } from '../store/shared-store.js';
import { Leadership } from './leadership.js';
import { LedTask, type TaskState } from './led-task.js';
import type { Rights } from './rights.js';
import {
  checkedConcurrency,
  type WarmEntry,
  type WarmOptions,
  type WarmProgress,
  type WarmResult,
} from './warm-cache.js';

const DEFAULT_LEASE_SECONDS = 15;
const DEFAULT_CONCURRENCY = 4;
// A timer takes no longer time.
const MAX_SECONDS = 2_000_000;

/** What a warmer is given for one run. */
export interface WarmerRun {
  readonly concurrency: number;
  /** Aborted when this process does not lead any more, or stops. */
  readonly signal: AbortSignal;
  /** Puts values in the cache, with the warmer's concurrency and signal. */
  warm(entries: readonly WarmEntry[]): Promise<WarmResult>;
}

/** Fills the cache at intervals, in one process of the fleet. */
export interface Warmer {
  /** One process runs each name, so different warmers need different ones. */
  readonly name: string;
  /** From the start of one run to that of the next, give or take a tenth. */
  readonly intervalSeconds: number;
  /** @default 4 */
  readonly concurrency?: number;
  /** Called in the one process that leads. What it throws is logged and counted; the next run is tried all the same. */
  run(run: WarmerRun): Promise<unknown>;
  /** Told how far `warm` has come. */
  readonly onProgress?: (progress: WarmProgress) => void;
}

/** What the warmers of this process have done, by their names. */
export type WarmerStatistics = Readonly<Record<string, TaskState>>;

/** The warmers of one process, each of which one process of the fleet runs. */
export class Warmers {
  readonly #options: {
    readonly rights: Rights;
    readonly keyOf: (name: string) => EntryKey;
    readonly nextToken: () => string;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly warm: (entries: readonly WarmEntry[], options: WarmOptions) => Promise<WarmResult>;
    readonly leaseSeconds?: number;
  };
  readonly #tasks = new Map<string, LedTask>();
  #started = false;

  /**
   * @param options `keyOf`: the key of the right to run a warmer; `leaseSeconds`: how long at most nobody runs it when the process
   * that did has died, 15 by default
   */
  constructor(options: {
    readonly rights: Rights;
    readonly keyOf: (name: string) => EntryKey;
    readonly nextToken: () => string;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly warm: (entries: readonly WarmEntry[], options: WarmOptions) => Promise<WarmResult>;
    readonly leaseSeconds?: number;
  }) {
    this.#options = Object.freeze({ ...options });
  }

  /**
   * Adds a warmer; what this returns takes it away again, when a run that is under way has ended.
   *
   * @throws InvalidArgumentError when there is one of this name, or an option is out of bounds
   */
  add(warmer: Warmer): () => Promise<void> {
    const { name } = warmer;
    if (typeof name !== 'string' || name === '')
      throw new InvalidArgumentError('A warmer needs a name: one process of the fleet runs each.');
    if (this.#tasks.has(name))
      throw new InvalidArgumentError(`There is a warmer "${name}" already. Give this one another name.`);
    const task = this.#taskOf(warmer);
    this.#tasks.set(name, task);
    if (this.#started) task.start();
    return async () => {
      if (this.#tasks.get(name) === task) this.#tasks.delete(name);
      await task.stop();
    };
  }

  /** Runs them from now on, which does not keep the process alive. */
  start(): void {
    this.#started = true;
    for (const task of this.#tasks.values()) task.start();
  }

  /** Ends what is under way and lets other processes take over. Does not reject. */
  async stop(): Promise<void> {
    this.#started = false;
    await Promise.all([...this.#tasks.values()].map((task) => task.stop()));
  }

  getStatistics(): WarmerStatistics {
    return Object.freeze(Object.fromEntries([...this.#tasks].map(([name, task]) => [name, task.state])));
  }

  #taskOf({ name, intervalSeconds, concurrency = DEFAULT_CONCURRENCY, run, onProgress }: Warmer): LedTask {
    const { rights, keyOf, nextToken, clock, logger, warm, leaseSeconds } = this.#options;
    const atOnce = checkedConcurrency(concurrency);
    const leadership = new Leadership({
      rights,
      key: keyOf(name),
      nextToken,
      clock,
      leaseMs: (leaseSeconds ?? DEFAULT_LEASE_SECONDS) * 1_000,
    });
    return new LedTask({
      leadership,
      intervalMs: checkedSeconds(intervalSeconds, name) * 1_000,
      clock,
      onFailure: (error) => logger.warn({ err: error, warmer: name }, 'a warmer failed, and is run again'),
      work: (signal) =>
        run({
          concurrency: atOnce,
          signal,
          warm: (entries) =>
            warm(entries, { concurrency: atOnce, signal, ...(onProgress !== undefined && { onProgress }) }),
        }),
    });
  }
}

function checkedSeconds(seconds: number, name: string): number {
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new InvalidArgumentError(
    `The interval of the warmer "${name}" must be above 0 and up to ${MAX_SECONDS} seconds, not ${String(seconds)}.`,
  );
}
