import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { signalProcess } from '../../support/process-tree.js';
import type { FromWorker, Sighting, ToWorker, WorkerTask } from '../messages.js';
import type { ProcessAccount } from './process-account.js';

const WORKER = fileURLToPath(new URL('../worker/worker.ts', import.meta.url));

type Told<Type extends FromWorker['type']> = Extract<FromWorker, { readonly type: Type }>;

/** One running process of a check. What it tells goes to the account of its place. */
export class WorkerProcess {
  readonly task: WorkerTask;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #isReady = false;
  #stopped = false;
  #mayEnd = false;

  constructor(task: WorkerTask, account: ProcessAccount) {
    this.task = task;
    this.#child = fork(WORKER, { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
    this.#exited = once(this.#child, 'exit');
    // It may be killed while something is being sent to it.
    this.#child.on('error', () => undefined);
    this.#child.on('message', (message) => account.takeDown(task.incarnation, message as FromWorker));
    this.#send(task);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Whether it ended by itself, which it never should. */
  get crashed(): boolean {
    return !this.isRunning && !this.#mayEnd;
  }

  /** Whether it can be told to begin. */
  get isReady(): boolean {
    return this.#isReady && this.isRunning;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** @throws when it ended before */
  async ready(): Promise<void> {
    await this.#told('ready');
    this.#isReady = true;
  }

  go(clockBase: bigint): void {
    this.#send({ type: 'go', clockBase });
  }

  /** Ends its load; resolves when its last operation has ended. */
  async stopLoad(): Promise<void> {
    const stopped = this.#told('stopped');
    this.#send({ type: 'stop' });
    await stopped;
  }

  /** What every register holds, as it sees them. */
  async look(): Promise<readonly Sighting[]> {
    const looked = this.#told('looked');
    this.#send({ type: 'look' });
    return (await looked).sightings;
  }

  /** Has it close its connections and end. */
  async end(): Promise<void> {
    this.#mayEnd = true;
    this.#send({ type: 'end' });
    await this.#exited;
  }

  async kill(): Promise<void> {
    this.#mayEnd = true;
    this.#signal('SIGKILL');
    await this.#exited;
  }

  /** Stops its clock: it does nothing, and its connections stay open. */
  pause(): void {
    this.#stopped = true;
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#stopped = false;
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.isRunning && this.#child.pid !== undefined) signalProcess(this.#child.pid, signal);
  }

  #send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #told<Type extends FromWorker['type']>(type: Type): Promise<Told<Type>> {
    return new Promise((resolve, reject) => {
      const onMessage = (raw: unknown): void => {
        const message = raw as FromWorker;
        if (message.type !== type) return;
        settle();
        resolve(message as Told<Type>);
      };
      const onExit = (): void => {
        settle();
        reject(new Error(`Process ${this.task.process} of the check ended before it told "${type}".`));
      };
      const settle = (): void => {
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
      };
      this.#child.on('message', onMessage);
      this.#child.on('exit', onExit);
    });
  }
}
