import { type Answers, sumOfAnswers } from '../adapters/adapter.js';
import type { Failure, ReadColumns, Stall, WriteRecord } from '../history.js';
import type { FromWorker, WriteBegun, WriteEnded } from '../messages.js';

/** What the processes in one place, one after the other, told of what they did. It outlives them. */
export class ProcessAccount {
  readonly process: number;
  readonly reads: ReadColumns[] = [];
  readonly failures: Failure[] = [];
  readonly stalls: Stall[] = [];
  readonly #begun = new Map<number, WriteBegun>();
  readonly #ended = new Map<number, WriteEnded>();
  /** What answered the reads, by incarnation. */
  readonly #answers = new Map<number, Answers>();

  constructor(process: number) {
    this.process = process;
  }

  takeDown(incarnation: number, message: FromWorker): void {
    if (message.type === 'reads') {
      if (message.reads.endedAt.length > 0) this.reads.push(message.reads);
      this.#answers.set(incarnation, message.answers);
    } else if (message.type === 'stopped') this.#answers.set(incarnation, message.answers);
    else if (message.type === 'writeBegun') this.#begun.set(message.write.mark, message.write);
    else if (message.type === 'writeEnded') this.#ended.set(message.write.mark, message.write);
    else if (message.type === 'stall') this.stalls.push(message.stall);
    else if (message.type === 'failure') this.failures.push({ process: this.process, ...message.failure });
  }

  /** Those of killed processes among them, as far as is known. */
  get writes(): readonly WriteRecord[] {
    return [...this.#begun.values()].map((begun) => {
      const ended = this.#ended.get(begun.mark) ?? UNHEARD;
      return { ...begun, ...ended, mark: begun.mark, process: this.process };
    });
  }

  get answers(): Answers {
    return sumOfAnswers([...this.#answers.values()]);
  }
}

const UNHEARD = Object.freeze({
  endedAt: Number.POSITIVE_INFINITY,
  outcome: 'unknown',
  deleted: [],
  undone: [],
} as const);
