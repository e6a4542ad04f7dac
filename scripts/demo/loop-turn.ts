import { setImmediate } from 'node:timers/promises';

const maxHoldMs = 1;

/**
 * Lets the event loop turn when callers have held it for a millisecond. Hits in memory settle without the loop
 * turning; readers that only ever meet such hits would keep out timers, sockets and signals for ever.
 */
export class LoopTurn {
  #turnedAt = performance.now();
  #turn: Promise<void> | null = null;

  /** A promise of the next turn when one is due, else null. Callers that meet share it. */
  due(nowMs: number): Promise<void> | null {
    if (this.#turn === null && nowMs - this.#turnedAt >= maxHoldMs) {
      this.#turn = setImmediate().then(() => {
        this.#turn = null;
        this.#turnedAt = performance.now();
      });
    }
    return this.#turn;
  }
}
