import type { ChannelListener } from '../../src/cache/fleet/fleet-channel.js';
import { RedisConnection } from '../../src/cache/store/redis-connection.js';

/**
 * A connection whose subscription is slow: what comes through it waits, in order, until the test lets it in. The connection
 * that commands go through is as fast as ever.
 */
export class HeldConnection extends RedisConnection {
  readonly #held: (() => void)[] = [];
  #holding = false;

  override listen(channels: readonly string[], listener: ChannelListener): void {
    super.listen(channels, {
      onMessage: (channel, message) => {
        const deliver = () => listener.onMessage(channel, message);
        if (this.#holding) this.#held.push(deliver);
        else deliver();
      },
      onLost: () => listener.onLost(),
    });
  }

  /** How many messages wait. */
  get waiting(): number {
    return this.#held.length;
  }

  hold(): void {
    this.#holding = true;
  }

  /** Lets the next one in. */
  letOneIn(): void {
    this.#held.shift()?.();
  }
}
