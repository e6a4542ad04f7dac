import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  type Answer,
  type AnswerOf,
  type ArgumentOf,
  CLOSE,
  type Commands,
  OPEN,
  type Question,
} from './messages.js';

/** How much of what a process wrote on standard error is kept, from its end. */
const STDERR_CHARACTERS = 4_000;
/** How long a process may take to let go of its connections before it is killed. */
const CLOSE_TIMEOUT_MS = 10_000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A forked process of the benchmark. Whoever waits for an answer of one that dies gets an error with its last words. */
export class BenchWorker<All extends Commands> {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #questions = 0;
  #stderr = '';
  #isGone = false;

  private constructor(file: URL) {
    this.#name = file.pathname.slice(file.pathname.lastIndexOf('/') + 1);
    this.#child = fork(fileURLToPath(file), {
      execArgv: file.pathname.endsWith('.ts') ? ['--import', 'tsx'] : [],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS);
    });
    this.#child.on('message', (answer) => this.#take(answer as Answer));
    this.#child.once('error', (error) => this.#abandon(error.message));
    // After `exit` there may still be something to read; `close` comes when all was read.
    this.#child.once('close', (code, signal) => this.#abandon(`it ended with ${signal ?? `code ${code}`}`));
  }

  /**
   * Starts a script that calls `serveWorker`, and resolves when it is ready.
   *
   * @throws Error with what it wrote on standard error, when it ends before
   */
  static async start<All extends Commands>(file: URL, task: unknown): Promise<BenchWorker<All>> {
    const worker = new BenchWorker<All>(file);
    try {
      await worker.#ask(OPEN, task);
      return worker;
    } catch (error) {
      await worker.kill();
      throw error;
    }
  }

  /**
   * Starts one for each task. Where one does not start, none is left.
   *
   * @throws Error of the first that did not start
   */
  static async startAll<All extends Commands>(
    file: URL,
    tasks: readonly unknown[],
  ): Promise<BenchWorker<All>[]> {
    const all = await Promise.allSettled(tasks.map((task) => BenchWorker.start<All>(file, task)));
    const started = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = all.find((one) => one.status === 'rejected');
    if (failed === undefined) return started;
    await Promise.all(started.map((worker) => worker.close()));
    throw failed.reason;
  }

  /** @throws Error when the command failed, or the process died */
  async ask<Name extends string & keyof All>(
    name: Name,
    argument: ArgumentOf<All, Name>,
  ): Promise<AnswerOf<All, Name>> {
    return (await this.#ask(name, argument)) as AnswerOf<All, Name>;
  }

  /** Has it let go of its connections and end; kills it where it does not. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
    try {
      // What it died of was told to whoever waited for it then.
      await this.#ask(CLOSE, null).catch(() => undefined);
      await this.#ended();
    } finally {
      clearTimeout(timer);
    }
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended();
  }

  async #ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  #ask(name: string, argument: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const question: Question = { id: this.#questions, name, argument };
      this.#questions += 1;
      this.#waiting.set(question.id, { resolve, reject });
      if (this.#isGone) this.#abandon('it has ended before');
      // A process that cannot be told anything is about to be gone, and what it died of is still on the way.
      else this.#child.send(question, () => undefined);
    });
  }

  #take(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('failure' in answer) waiting?.reject(new Error(`${this.#name}: ${answer.failure}`));
    else waiting?.resolve(answer.value);
  }

  #abandon(reason: string): void {
    this.#isGone = true;
    const words = this.#stderr.trim();
    for (const { reject } of this.#waiting.values()) {
      reject(new Error(`${this.#name}: ${reason}${words === '' ? '' : `\n${words}`}`));
    }
    this.#waiting.clear();
  }
}
