import type { Clock } from '../clock.js';
import type { Announced } from '../store/shared-store.js';
import type { FleetTiming } from './timing.js';

interface Pending {
  readonly heard: Set<string>;
  changed: () => void;
}

/** Waits until all near caches have dropped what an announcement names, or may no longer answer. */
export class Acknowledgements {
  readonly #timing: FleetTiming;
  readonly #clock: Clock;
  readonly #isListening: () => boolean;
  readonly #pending = new Map<string, Pending>();

  /** @param isListening whether this process is itself among those who hear its announcements */
  constructor(timing: FleetTiming, clock: Clock, isListening: () => boolean) {
    this.#timing = timing;
    this.#clock = clock;
    this.#isListening = isListening;
  }

  /** A process has dropped what the announcement with this token names. */
  received(token: string, process: string): void {
    const pending = this.#pending.get(token);
    if (pending === undefined) return;
    pending.heard.add(process);
    pending.changed();
  }

  /**
   * Makes an announcement and waits for those who must hear it. They may answer before the announcer knows who they are.
   *
   * @param announce gives null where nobody had to be told
   */
  async collect<T extends Announced | null>(token: string, announce: () => Promise<T>): Promise<T> {
    const pending: Pending = { heard: new Set(), changed: () => undefined };
    this.#pending.set(token, pending);
    try {
      const announced = await announce();
      if (announced !== null) await this.#wait(pending, announced);
      return announced;
    } finally {
      this.#pending.delete(token);
    }
  }

  async #wait(pending: Pending, announced: Announced): Promise<void> {
    const startedAt = this.#clock.now();
    const until = new Map(announced.awaited.map(({ process, withinMs }) => [process, startedAt + withinMs]));
    // A registry that was lost a moment ago may not know all who answer from memory. Whoever listens is asked then.
    const listeners = announced.heard - (this.#isListening() ? 1 : 0);
    const strangers = listeners > until.size;
    const knownFrom = startedAt + this.#timing.leaseMs - announced.registryAgeMs;
    for (;;) {
      const now = this.#clock.now();
      let last = now;
      for (const [process, end] of until) {
        if (pending.heard.has(process)) until.delete(process);
        else if (end > last) last = end;
      }
      if (strangers && pending.heard.size < listeners && knownFrom > last) last = knownFrom;
      if (last === now) return;
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(last - now, resolve);
        pending.changed = () => {
          cancel();
          resolve();
        };
      });
    }
  }
}
