/**
 * Runs it when all promise jobs of this turn of the event loop are done: that lets callers join a batch who come a few
 * awaits later, as those do who were all woken by one reply. From within a promise job `nextTick` waits for just that.
 */
export function afterThisTurn(run: () => void): void {
  Promise.resolve().then(() => process.nextTick(run));
}

/**
 * Runs it when those who go on in this turn of the event loop have sent what they want next, so that the servers work on that
 * meanwhile. node-redis writes what it was given in a turn as the turn ends (`setImmediate`), in one go, and Redis answers
 * nothing of what came in one go before it has done all of it: whatever is not urgent has to miss that write.
 */
export function afterNextReads(run: () => void): void {
  setImmediate(() => setImmediate(run));
}
