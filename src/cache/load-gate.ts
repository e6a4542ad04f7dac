/**
 * Bounds the loads of keys that nothing may be shared of: while a writer is at work, or without a shared cache. At most
 * one load of a key is under way; who comes meanwhile waits, together with others, for one that begins after.
 */
export class LoadGate {
  readonly #gates = new Map<string, { readonly running: Promise<unknown>; next: Promise<unknown> | null }>();

  load<T>(key: string, load: () => Promise<T>): Promise<T> {
    const gate = this.#gates.get(key);
    if (gate === undefined) return this.#start(key, load);
    gate.next ??= gate.running.then(
      () => this.#start(key, load),
      () => this.#start(key, load),
    );
    return gate.next as Promise<T>;
  }

  #start<T>(key: string, load: () => Promise<T>): Promise<T> {
    const running = load();
    const gate = { running, next: null };
    this.#gates.set(key, gate);
    const end = (): void => {
      // The next one, if any, starts in the same turn and takes the place.
      if (this.#gates.get(key) === gate && gate.next === null) this.#gates.delete(key);
    };
    running.then(end, end);
    return running;
  }
}
