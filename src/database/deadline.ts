/** What came of waiting: a value, or the time was up first. */
export type Timed<T> = { readonly inTime: true; readonly value: T } | { readonly inTime: false };

/** Waits for a promise, but no longer than this. What it waits for goes on, and its later failure is not reported. */
export async function withinMs<T>(timeoutMs: number, promise: Promise<T>): Promise<Timed<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Timed<T>>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, { inTime: false });
  });
  try {
    return await Promise.race([promise.then((value): Timed<T> => ({ inTime: true, value })), late]);
  } finally {
    clearTimeout(timer);
  }
}
