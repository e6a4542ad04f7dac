import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'redis';

/** What a Redis server holds. */
export interface Figures {
  readonly keys: number;
  readonly usedBytes: number;
}

/** A connection of its own, to look at what the store leaves in a server. */
export class Observer {
  readonly #client: ReturnType<typeof createClient>;

  private constructor(client: ReturnType<typeof createClient>) {
    this.#client = client;
  }

  static async open(url: string): Promise<Observer> {
    const client = createClient({ url });
    await client.connect();
    return new Observer(client as ReturnType<typeof createClient>);
  }

  close(): void {
    this.#client.destroy();
  }

  /** Removes every key, and has the allocator give back what is free. */
  async empty(): Promise<void> {
    await this.#client.flushAll();
    await this.purge();
  }

  async purge(): Promise<void> {
    await this.#client.sendCommand(['MEMORY', 'PURGE']);
  }

  async figures(): Promise<Figures> {
    const info = await this.#client.info('memory');
    const usedBytes = Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
    return { keys: await this.#client.dbSize(), usedBytes };
  }

  /** The keys that will never expire. */
  async lasting(): Promise<string[]> {
    const lasting: string[] = [];
    await this.#forEachKey((key, ttlMs) => {
      if (ttlMs === -1) lasting.push(key);
    });
    return lasting;
  }

  /** Milliseconds until each key expires; -1 for one that never does. */
  async expiries(): Promise<Map<string, number>> {
    const expiries = new Map<string, number>();
    await this.#forEachKey((key, ttlMs) => expiries.set(key, ttlMs));
    return expiries;
  }

  /**
   * Resolves when so much time has passed and the number of keys has not changed for a while, or when the time is over.
   *
   * @param onLook told the number now and then
   */
  async settled(
    { notBeforeMs, quietMs, timeoutMs }: { notBeforeMs: number; quietMs: number; timeoutMs: number },
    onLook: (keys: number) => void,
  ): Promise<void> {
    const startedAt = performance.now();
    let last = -1;
    let since = startedAt;
    for (;;) {
      const keys = await this.#client.dbSize();
      const now = performance.now();
      if (keys !== last) since = now;
      last = keys;
      onLook(keys);
      if (now - startedAt >= timeoutMs) return;
      if (now - startedAt >= notBeforeMs && now - since >= quietMs) return;
      await delay(500);
    }
  }

  async #forEachKey(visit: (key: string, ttlMs: number) => void): Promise<void> {
    for await (const keys of this.#client.scanIterator({ COUNT: 1_000 })) {
      const ttls = await Promise.all(keys.map((key) => this.#client.pTTL(key)));
      // One that expired since it was listed is of no interest.
      keys.forEach((key, index) => {
        const ttlMs = ttls[index] ?? -2;
        if (ttlMs !== -2) visit(key, ttlMs);
      });
    }
  }
}
