import type { EntryKey, Guard, Targets } from './store/shared-store.js';

// Beyond that many keys, invalidating everything is the cheaper way to pay.
const MAX_KEYS = 10_000;

/** Invalidations that could not be delivered, kept until the store answers again. */
export class Debts {
  readonly #namespace: Guard;
  readonly #keys = new Set<EntryKey>();
  readonly #guards = new Map<string, Guard>();

  constructor(namespace: Guard) {
    this.#namespace = namespace;
  }

  add({ keys, guards }: Targets): void {
    for (const key of keys) this.#keys.add(key);
    for (const guard of guards) this.#guards.set(guard.version, guard);
    if (this.#keys.size > MAX_KEYS) {
      this.#keys.clear();
      this.#guards.set(this.#namespace.version, this.#namespace);
    }
  }

  /** Hands over what is owed; what cannot be paid must be added again. Null when nothing is. */
  take(): Targets | null {
    if (this.#keys.size === 0 && this.#guards.size === 0) return null;
    const targets = { keys: [...this.#keys], guards: [...this.#guards.values()] };
    this.#keys.clear();
    this.#guards.clear();
    return targets;
  }
}
