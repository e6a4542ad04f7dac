import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { RandomSource } from '../../support/random.js';
import type { Adapter } from '../adapters/adapter.js';
import type { CheckClock } from '../clock.js';
import type { Failure, Outcome } from '../history.js';
import { OWN_WRITE_NOT_SEEN } from '../judge/failures.js';
import type { WriteBegun, WriteEnded } from '../messages.js';
import type { View, World } from '../world.js';
import { failureCode, failureMessage, isRefusal } from './failures.js';
import { Hand, Undo } from './hand.js';
import { look } from './look.js';
import type { Pace } from './pace.js';
import type { ReadRecorder } from './recorder.js';
import { RAW_ELSEWHERE } from './writes/raw-sql.js';
import type { WriteKind } from './writes/write-kind.js';

/** How often registers of each kind are read, in proportion. `ownerOfProjects` is seen with `projectsWithOwner`. */
const READS: readonly (readonly [View, number])[] = [
  ['project', 52],
  ['user', 12],
  ['githubId', 11],
  ['email', 7],
  ['projectsOfUser', 6],
  ['projectsWithOwner', 4],
  ['projectCount', 8],
];

/** After a failure, so that an outage is not answered with a storm. */
const REST_AFTER_FAILURE_MS = 20;

export interface LoadOptions {
  readonly world: World;
  readonly adapter: Adapter;
  readonly random: RandomSource;
  readonly recorder: ReadRecorder;
  readonly writeKinds: readonly WriteKind[];
  readonly pauseMs: number;
  readonly pace: Pace;
  readonly nextMark: () => number;
  readonly writeBegun: (write: WriteBegun) => void;
  readonly writeEnded: (write: WriteEnded) => void;
  readonly failed: (failure: Omit<Failure, 'process'>) => void;
}

/** Reads and writes without end, until it is stopped. */
export class Load {
  readonly #options: LoadOptions;
  #running = true;
  #done: Promise<unknown> = Promise.resolve();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  start(clock: CheckClock, readers: number, writers: number): void {
    this.#done = Promise.all([
      ...Array.from({ length: readers }, () => this.#read(clock)),
      ...Array.from({ length: writers }, () => this.#write(clock)),
    ]);
  }

  /** Resolves when the last operation has ended. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async #read(clock: CheckClock): Promise<void> {
    const { world, adapter, random, recorder, pace } = this.#options;
    while (this.#running) {
      const register = this.#anyRegister();
      const begunAt = clock.now();
      try {
        const sightings = await look(world, adapter.reads, register);
        const endedAt = clock.now();
        for (const [seen, state] of sightings) recorder.add(seen, state, begunAt, endedAt);
      } catch (error) {
        this.#failed(`read of ${world.nameOf(register)}`, error, begunAt, clock.now());
        await delay(REST_AFTER_FAILURE_MS * random.next());
      }
      // Answers from memory come without a turn of the event loop, on which all else depends.
      await nextTurn();
      if (pace.isAhead()) await delay(1);
    }
  }

  #anyRegister(): number {
    const { world, random } = this.#options;
    const [view] = chosen(READS, ([, weight]) => weight, random);
    return world.register(view, random.nextInteger(world.size(view)));
  }

  async #write(clock: CheckClock): Promise<void> {
    const { random, writeKinds, pauseMs } = this.#options;
    while (this.#running) {
      const kind = chosen(writeKinds, ({ weight }) => weight, random);
      const failed = await this.#writeOnce(kind, clock);
      await delay(2 * random.next() * (failed ? Math.max(pauseMs, REST_AFTER_FAILURE_MS) : pauseMs));
    }
  }

  /** Resolves to whether it failed. */
  async #writeOnce(kind: WriteKind, clock: CheckClock): Promise<boolean> {
    const { world, adapter, random, nextMark, writeBegun, writeEnded } = this.#options;
    const mark = nextMark();
    const hand = new Hand(world, random, adapter, mark);
    const begunAt = clock.now();
    writeBegun({ mark, kind: kind.name, around: kind.around, begunAt });
    let outcome: Outcome;
    try {
      await kind.make(hand);
      if (kind.name !== RAW_ELSEWHERE) await adapter.forget(hand.touched);
      outcome = hand.written.length + hand.deleted.length > 0 ? 'acknowledged' : 'nothing';
    } catch (error) {
      outcome = error instanceof Undo ? 'rolledBack' : isRefusal(error) ? 'refused' : 'failed';
      if (outcome === 'failed') this.#failed(kind.name, error, begunAt, clock.now());
    }
    const endedAt = clock.now();
    const kept = outcome === 'acknowledged' || outcome === 'failed';
    const undone = (kept ? hand.undone : [...hand.undone, ...hand.written]).filter((stamp) => stamp > 0);
    writeEnded({ mark, endedAt, outcome, deleted: hand.deleted, undone });
    if (hand.ownWritesMissed > 0) {
      const message = 'A transaction did not see what it had written.';
      this.#options.failed({ what: kind.name, code: OWN_WRITE_NOT_SEEN, message, begunAt, endedAt });
    }
    return outcome === 'failed';
  }

  #failed(what: string, error: unknown, begunAt: number, endedAt: number): void {
    const [code, message] = [failureCode(error), failureMessage(error)];
    this.#options.failed({ what, code, message, begunAt, endedAt });
  }
}

/** One of the items, each as likely as its weight says. */
function chosen<T>(items: readonly T[], weightOf: (item: T) => number, random: RandomSource): T {
  let dice = random.next() * items.reduce((sum, item) => sum + weightOf(item), 0);
  for (const item of items) {
    dice -= weightOf(item);
    if (dice < 0) return item;
  }
  return items[items.length - 1] as T;
}
