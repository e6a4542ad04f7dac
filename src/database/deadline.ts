/** What came of waiting: a value, or the time was up first. */
export type Timed<T> = { readonly inTime: true; readonly value: T } | { readonly inTime: false };

/**
 * Waits for a promise, but no longer than this. What it waits for goes on, and its later failure is not reported. Where
 * this process itself was too busy to look, an answer that has arrived meanwhile still counts as in time.
 */
export async function withinMs<T>(timeoutMs: number, promise: Promise<T>): Promise<Timed<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Timed<T>>((resolve) => {
    // Timers come first in a turn of the event loop and answers after them, so one more turn lets them in.
    timer = setTimeout(() => setImmediate(resolve, { inTime: false }), timeoutMs);
  });
  try {
    return await Promise.race([promise.then((value): Timed<T> => ({ inTime: true, value })), late]);
  } finally {
    clearTimeout(timer);
  }
}
