import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, maskUrl, type RedisSentinelConfig } from '../../../config/index.js';
import { makeClient, reconnectDelayMs } from '../redis-client.js';
import type { MasterFinder } from './master-finder.js';

/** Says the sentinel that leads a failover, from the moment at which it names the new master to whoever asks. */
const PROMOTED = '+promoted-slave';
/** Say the others when they hear of it, and at the end the leader too. */
const SWITCHED = '+switch-master';

/** Told when the sentinels have made another server the master. */
export interface MasterWatcher {
  /** The URL of the one that is the master now, as `MasterFinder` writes it. */
  onSwitch(url: string): void;
}

/**
 * Listens to all sentinels. The old master of a planned failover stays one for some seconds, and says nothing: who went on
 * speaking to it would not see what those see who come to the new one.
 */
export class MasterWatch {
  readonly #config: RedisSentinelConfig;
  readonly #finder: MasterFinder;
  readonly #logger: Logger;
  readonly #watchers = new Set<MasterWatcher>();
  #stopped: AbortController | null = null;

  constructor(config: RedisSentinelConfig, finder: MasterFinder, logger: Logger) {
    this.#config = config;
    this.#finder = finder;
    this.#logger = logger;
  }

  add(watcher: MasterWatcher): void {
    this.#watchers.add(watcher);
    if (this.#stopped !== null) return;
    this.#stopped = new AbortController();
    for (const url of this.#config.urls) void this.#attend(url, this.#stopped.signal);
  }

  /** With the last one it ends. */
  remove(watcher: MasterWatcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    this.#stopped?.abort();
    this.#stopped = null;
  }

  async #attend(url: string, stopped: AbortSignal): Promise<void> {
    let failures = 0;
    while (!stopped.aborted) {
      try {
        await this.#listen(url, stopped);
        failures = 0;
      } catch (error) {
        failures += 1;
        const reason = error instanceof Error ? error.message : String(error);
        this.#logger.debug({ reason, url: maskUrl(url) }, 'a sentinel cannot be listened to');
      }
      if (!stopped.aborted) await delay(reconnectDelayMs(failures, this.#config.maxRetries));
    }
  }

  /** Resolves when the connection has ended, as a silent one does after some seconds. */
  async #listen(url: string, stopped: AbortSignal): Promise<void> {
    const client = makeClient({ ...this.#config, url }, { reconnects: false });
    const ended = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
    });
    const onStopped = (): void => {
      if (client.isOpen) client.destroy();
    };
    try {
      await client.connect();
      stopped.addEventListener('abort', onStopped);
      await client.subscribe([PROMOTED, SWITCHED], (message, event) =>
        this.#switched(url, String(event), String(message)),
      );
      // What was said before is not heard any more.
      this.#tell(await this.#finder.find());
      if (!stopped.aborted) await ended;
    } finally {
      stopped.removeEventListener('abort', onStopped);
      if (client.isOpen) client.destroy();
    }
  }

  /** @param message see https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sentinel-pubsub-messages */
  #switched(sentinel: string, event: string, message: string): void {
    const words = message.split(' ');
    const [name, host, port] =
      event === SWITCHED ? [words[0], words[3], words[4]] : [words[5], words[2], words[3]];
    if (name !== this.#config.master || host === undefined || port === undefined) return;
    // Others may not know yet.
    this.#finder.askFirst(sentinel);
    this.#tell(this.#finder.urlOf({ host, port }));
  }

  #tell(url: string): void {
    for (const watcher of this.#watchers) watcher.onSwitch(url);
  }
}
