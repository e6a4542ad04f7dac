import { setImmediate as loopTurn } from 'node:timers/promises';

/** After so many calls without a turn of the event loop one is asked for, and after twice as many waited for. */
const CALLS = 500;

/**
 * Sees to it that the event loop turns, as a server's does between its requests. Calls that are answered from memory go on
 * from one to the next without it, however many callers there are: no timer would fire and no heartbeat be sent. Where the
 * loop turns by itself nobody waits, so that callers are not put in step.
 */
export class LoopTurns {
  #calls = 0;
  #turn: Promise<void> | null = null;

  /** Counts a call; gives what the caller has to wait for before the next one, mostly nothing. */
  afterCall(): Promise<void> | null {
    this.#calls += 1;
    if (this.#calls < CALLS) return null;
    this.#turn ??= loopTurn().then(() => {
      this.#calls = 0;
      this.#turn = null;
    });
    return this.#calls < 2 * CALLS ? null : this.#turn;
  }
}
