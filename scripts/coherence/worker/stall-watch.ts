import type { CheckClock } from '../clock.js';
import type { Stall } from '../history.js';

const EVERY_MS = 20;
/** What a timer may be late without being noted. */
const LATE_MS = 20;

/**
 * Notes when this process got no processor for a while, or was busy with one thing: a timer that rings late says so.
 * Other writers' changes are to be seen within a bound of real time, which a machine without time to give cannot keep.
 *
 * @returns a function that ends it
 */
export function watchStalls(clock: CheckClock, onStall: (stall: Stall) => void): () => void {
  let due = performance.now() + EVERY_MS;
  const timer = setInterval(() => {
    const lateMs = performance.now() - due;
    if (lateMs > LATE_MS) {
      const endedAt = clock.now();
      onStall({ begunAt: endedAt - lateMs * 1e6, endedAt });
    }
    due = performance.now() + EVERY_MS;
  }, EVERY_MS);
  return () => clearInterval(timer);
}
