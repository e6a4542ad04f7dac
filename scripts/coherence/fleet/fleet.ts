import { withinMs } from '../../../src/database/deadline.js';
import type { RandomSource } from '../../support/random.js';
import { type Answers, sumOfAnswers } from '../adapters/adapter.js';
import type { WorkerTask } from '../messages.js';
import { ProcessAccount } from './process-account.js';
import { WorkerProcess } from './worker-process.js';

/** How long the last operations of a process may take before it is given up. */
const STOP_TIMEOUT_MS = 60_000;
const MAX_INCARNATIONS = 1_000;

/** The processes of a check: one in each place, and a new one wherever one was killed. */
export class Fleet {
  readonly accounts: readonly ProcessAccount[];
  readonly #taskOf: (process: number, incarnation: number) => WorkerTask;
  readonly #workers: WorkerProcess[] = [];
  readonly #starting = new Set<Promise<void>>();
  /** When the load began; null while there is none. */
  #clockBase: bigint | null = null;
  #hung = 0;

  constructor(processes: number, taskOf: (process: number, incarnation: number) => WorkerTask) {
    this.accounts = Array.from({ length: processes }, (_, place) => new ProcessAccount(place));
    this.#taskOf = taskOf;
  }

  /** Processes that did not end their operations in time. */
  get hung(): number {
    return this.#hung;
  }

  /** Processes that ended by themselves. */
  get crashed(): number {
    return this.#workers.filter(({ crashed }) => crashed).length;
  }

  /** What answered the reads of all. */
  get answers(): Answers {
    return sumOfAnswers(this.accounts.map((account) => account.answers));
  }

  get workers(): readonly WorkerProcess[] {
    return this.#workers;
  }

  /** Starts all, and resolves when each can be told to begin. */
  async start(): Promise<void> {
    await Promise.all(this.accounts.map((_, process) => this.#startIn(process, 0)));
  }

  /** Begins the load in all at once. */
  go(clockBase: bigint): void {
    this.#clockBase = clockBase;
    for (const worker of this.#workers) worker.go(clockBase);
  }

  /** One that does its work now, by dice; null where there is none. */
  anyAtWork(random: RandomSource): WorkerProcess | null {
    const atWork = this.#workers.filter((worker) => worker.isReady && !worker.isStopped);
    return atWork[random.nextInteger(atWork.length)] ?? null;
  }

  /** Kills one and starts another in its place, which goes on with the load. */
  async replace(worker: WorkerProcess): Promise<void> {
    const { process, incarnation } = worker.task;
    await worker.kill();
    const starting = this.#startIn(process, incarnation + 1);
    this.#starting.add(starting);
    void starting.finally(() => this.#starting.delete(starting)).catch(() => undefined);
  }

  /** Ends the load in all, and waits for the last operations. */
  async stopLoad(): Promise<void> {
    this.#clockBase = null;
    await Promise.all(this.#starting);
    await Promise.all(
      this.#workers.map(async (worker) => {
        if (!worker.isRunning) return;
        if ((await withinMs(STOP_TIMEOUT_MS, worker.stopLoad())).inTime) return;
        this.#hung += 1;
        await worker.kill();
      }),
    );
  }

  /** Ends all, however they stand. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#starting);
    await Promise.all(
      this.#workers.map(async (worker) => {
        worker.resume();
        if (worker.isRunning && !(await withinMs(STOP_TIMEOUT_MS, worker.end())).inTime) await worker.kill();
      }),
    );
  }

  /** A process that ends while it starts, because a server was away just then, is started again. */
  async #startIn(process: number, incarnation: number): Promise<void> {
    const account = this.accounts[process];
    if (account === undefined) throw new RangeError(`There is no place ${process}.`);
    const worker = new WorkerProcess(this.#taskOf(process, incarnation), account);
    this.#workers[process] = worker;
    try {
      await worker.ready();
    } catch (error) {
      if (incarnation === 0 || incarnation >= MAX_INCARNATIONS) throw error;
      return this.#startIn(process, incarnation + 1);
    }
    if (this.#clockBase !== null) worker.go(this.#clockBase);
  }
}
