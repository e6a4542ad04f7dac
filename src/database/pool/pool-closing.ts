import { once } from 'node:events';
import type { ClientBase } from 'pg';
import type { Logger } from '../../config/index.js';
import { withinMs } from '../deadline.js';
import type { HeldPool } from './held-pool.js';

/** How long what was cancelled, and what was said goodbye to, may take to come back. */
const CANCELLED_TIMEOUT_MS = 2_000;

/** Ends a pool in order: takes no more work, waits, cancels what takes longer, closes every connection. */
export class PoolClosing {
  readonly #pool: HeldPool;
  readonly #cancel: (client: ClientBase) => Promise<void>;
  readonly #logger: Logger;
  /** Connections that are open or being closed. */
  #open = 0;

  /** To be made with the pool, since it counts the pool's connections from the first. */
  constructor(pool: HeldPool, cancel: (client: ClientBase) => Promise<void>, logger: Logger) {
    this.#pool = pool;
    this.#cancel = cancel;
    this.#logger = logger;
    pool.on('connect', () => {
      this.#open += 1;
    });
    pool.on('remove', () => {
      this.#open -= 1;
    });
  }

  async close(timeoutMs: number): Promise<void> {
    this.#pool.refuse();
    if (!(await withinMs(timeoutMs, this.#allGivenBack())).inTime) await this.#cancelAll(timeoutMs);
    // `end` waits for every holder. Who still holds one is not going to give it back.
    for (const client of this.#pool.holders.clients()) {
      client.release(true);
      // Should the holder come back after all, pg would throw at it for a second release.
      client.release = () => undefined;
    }
    await this.#pool.end();
    // `end` does not wait for the goodbyes it sent; a server stopped just then would report lost connections.
    await withinMs(CANCELLED_TIMEOUT_MS, this.#allClosed());
  }

  async #cancelAll(timeoutMs: number): Promise<void> {
    const held = this.#pool.holders.clients();
    const context = { connections: held.length, timeoutMs };
    this.#logger.warn(context, 'closing: cancelling what is still under way');
    await Promise.all(held.map((client) => this.#cancel(client)));
    await withinMs(CANCELLED_TIMEOUT_MS, this.#allGivenBack());
  }

  async #allGivenBack(): Promise<void> {
    while (this.#pool.holders.size > 0 || this.#pool.waitingCount > 0) await once(this.#pool, 'release');
  }

  async #allClosed(): Promise<void> {
    while (this.#open > 0) await once(this.#pool, 'remove');
  }
}
