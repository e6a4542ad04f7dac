/**
 * Runs a piece of work for each item, at most so many at a time, in their order. Rejects with what the first rejects with, and
 * begins no other from then on; the same when the signal is aborted, without a rejection.
 */
export async function forEachBounded<Item>(
  items: readonly Item[],
  concurrency: number,
  run: (item: Item) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let next = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    try {
      while (next < items.length && !failed && signal?.aborted !== true) {
        const item = items[next] as Item;
        next += 1;
        await run(item);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
}
