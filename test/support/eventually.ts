import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until the condition holds; fails, with what was last seen, when it does not within the time. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  withinMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > deadline) {
      throw new Error(`This did not come true within ${withinMs} ms; last seen: ${JSON.stringify(seen)}`);
    }
    await delay(5);
  }
}
