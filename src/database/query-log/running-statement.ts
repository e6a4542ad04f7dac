import type { CallSite } from './call-site.js';
import type { StatementObserver } from './statement-observer.js';

/** A statement on its way, which reports to the observer once when it ends. */
export class RunningStatement {
  readonly #observer: StatementObserver;
  readonly #text: string;
  readonly #parameters: readonly unknown[];
  readonly #callSite: CallSite | null;
  readonly #streamed: boolean;
  readonly #startedAt: number;
  #ended = false;

  constructor(
    observer: StatementObserver,
    text: string,
    parameters: readonly unknown[],
    callSite: CallSite | null,
    streamed = false,
  ) {
    this.#observer = observer;
    this.#text = text;
    this.#parameters = parameters;
    this.#callSite = callSite;
    this.#streamed = streamed;
    this.#startedAt = observer.now();
  }

  /** A second end is left out: after pg's read timeout the server's answer still comes. */
  end(error: Error | null, rows: number | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#observer.record({
      text: this.#text,
      parameters: this.#parameters,
      durationMs: this.#observer.now() - this.#startedAt,
      rows,
      error,
      callSite: this.#callSite,
      streamed: this.#streamed,
    });
  }
}
