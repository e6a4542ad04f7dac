import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { RandomSource } from '../../support/random.js';
import type { Adapter } from '../adapters/adapter.js';
import type { CheckClock } from '../clock.js';
import type { Failure, Outcome } from '../history.js';
import { OWN_WRITE_NOT_SEEN } from '../judge/failures.js';
import type { WriteBegun, WriteEnded } from '../messages.js';
import type { World } from '../world.js';
import { anyRegister } from './any-register.js';
import { Dice } from './dice.js';
import { failureCode, failureMessage, isRefusal } from './failures.js';
import { Hand, Undo } from './hand.js';
import { look } from './look.js';
import type { Pace } from './pace.js';
import type { ReadRecorder } from './recorder.js';
import { RAW_ELSEWHERE } from './writes/raw-sql.js';
import type { WriteKind } from './writes/write-kind.js';

/** After a failure, so that an outage is not answered with a storm. */
const REST_AFTER_FAILURE_MS = 20;

/** How often a writer looks whether enough was read for its next write. */
const WAIT_FOR_READS_MS = 5;

/** What the load of one process is made of, and who hears of it. */
export interface LoadOptions {
  readonly world: World;
  readonly adapter: Adapter;
  readonly random: RandomSource;
  /** Of what all processes look at together. */
  readonly seed: number;
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
    const dice = new Dice(this.#options.random, () => clock.now(), this.#options.seed);
    this.#done = Promise.all([
      ...Array.from({ length: readers }, () => this.#read(clock, dice)),
      ...Array.from({ length: writers }, () => this.#write(clock, dice)),
    ]);
  }

  /** Resolves when the last operation has ended. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async #read(clock: CheckClock, dice: Dice): Promise<void> {
    const { world, adapter, recorder, pace } = this.#options;
    while (this.#running) {
      const register = anyRegister(world, dice);
      const begunAt = clock.now();
      try {
        const sightings = await look(world, adapter.reads, register);
        const endedAt = clock.now();
        for (const [seen, state] of sightings) recorder.add(seen, state, begunAt, endedAt);
      } catch (error) {
        this.#failed(`read of ${world.nameOf(register)}`, error, begunAt, clock.now());
        await delay(REST_AFTER_FAILURE_MS * dice.next());
      }
      // Answers from memory come without a turn of the event loop, on which all else depends.
      await nextTurn();
      if (pace.isAhead()) await delay(1);
    }
  }

  async #write(clock: CheckClock, dice: Dice): Promise<void> {
    const { writeKinds, pauseMs, pace } = this.#options;
    while (this.#running) {
      if (!pace.mayWrite()) {
        await delay(WAIT_FOR_READS_MS);
        continue;
      }
      const kind = dice.weighted(writeKinds, ({ weight }) => weight);
      const failed = await this.#writeOnce(kind, clock, dice);
      await delay(2 * dice.next() * (failed ? Math.max(pauseMs, REST_AFTER_FAILURE_MS) : pauseMs));
    }
  }

  /** Resolves to whether it failed. */
  async #writeOnce(kind: WriteKind, clock: CheckClock, dice: Dice): Promise<boolean> {
    const { world, adapter, nextMark, writeBegun, writeEnded } = this.#options;
    const mark = nextMark();
    const hand = new Hand(world, dice, adapter, mark);
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
