import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { RedisSentinelConfig } from '../../../config/index.js';
import { CacheUnavailableError } from '../../../errors.js';
import { makeClient, type RedisClient, reconnectDelayMs, type ScriptCall } from '../redis-client.js';
import type { MasterFinder } from './master-finder.js';
import type { MasterWatch, MasterWatcher } from './master-watch.js';

const MOVED = 'The sentinels have made another server the master.';

type Listener = (message: string, channel: string) => void;

/**
 * A client of whichever server is the master: it asks the sentinels before each attempt to connect, and the server itself
 * whether it is one. Nothing is read from a replica, which may lag behind.
 */
export class MasterClient extends EventEmitter implements RedisClient, MasterWatcher {
  readonly #config: RedisSentinelConfig;
  readonly #finder: MasterFinder;
  readonly #watch: MasterWatch;
  readonly #subscriptions: { readonly channels: string[]; readonly listener: Listener }[] = [];
  #client: ReturnType<typeof makeClient> | null = null;
  #url = '';
  /** What was heard last, since the last attempt began. */
  #switchedTo: string | null = null;
  #isOpen = false;

  constructor(config: RedisSentinelConfig, finder: MasterFinder, watch: MasterWatch) {
    super();
    this.#config = config;
    this.#finder = finder;
    this.#watch = watch;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isReady(): boolean {
    return this.#client?.isReady ?? false;
  }

  connect(): Promise<void> {
    this.#isOpen = true;
    this.#watch.add(this);
    return this.#reconnect();
  }

  destroy(): void {
    this.#isOpen = false;
    this.#watch.remove(this);
    const client = this.#client;
    this.#client = null;
    if (client?.isOpen) client.destroy();
    this.emit('end');
  }

  ping(): Promise<unknown> {
    return this.#connected().ping();
  }

  info(section: string): Promise<unknown> {
    return this.#connected().info(section);
  }

  publish(channel: string, message: string): Promise<unknown> {
    return this.#connected().publish(channel, message);
  }

  evalSha(sha1: string, call: ScriptCall): Promise<unknown> {
    return this.#onMaster((client) => client.evalSha(sha1, call));
  }

  eval(source: string, call: ScriptCall): Promise<unknown> {
    return this.#onMaster((client) => client.eval(source, call));
  }

  mGet(keys: string[]): Promise<unknown> {
    return this.#onMaster((client) => client.mGet(keys));
  }

  /** Subscribes, now and on each master to come. */
  async subscribe(channels: string[], listener: Listener): Promise<void> {
    this.#subscriptions.push({ channels, listener });
    await this.#connected().subscribe(channels, listener);
  }

  onSwitch(url: string): void {
    this.#switchedTo = url;
    const client = this.#client;
    if (client === null || this.#url === url) return;
    this.#leave(client, new CacheUnavailableError(MOVED));
  }

  async #onMaster(command: (client: ReturnType<typeof makeClient>) => Promise<unknown>): Promise<unknown> {
    const client = this.#connected();
    try {
      return await command(client);
    } catch (error) {
      // It was made a replica, and kept the connection.
      if (error instanceof Error && error.message.startsWith('READONLY')) this.#leave(client, error);
      throw error;
    }
  }

  #connected(): ReturnType<typeof makeClient> {
    if (this.#client !== null) return this.#client;
    throw new CacheUnavailableError('There is no connection to a master.');
  }

  /** Resolves with the next connection that was made; rejects when this is closed before. */
  async #reconnect(): Promise<void> {
    for (let attempt = 0; this.#isOpen; attempt += 1) {
      try {
        await this.#attempt();
        this.emit('ready');
        return;
      } catch (error) {
        if (!this.#isOpen) break;
        this.emit('error', error);
        await delay(reconnectDelayMs(attempt, this.#config.maxRetries));
        if (this.#isOpen) this.emit('reconnecting');
      }
    }
    throw new CacheUnavailableError('The connection was closed before it was made.');
  }

  async #attempt(): Promise<void> {
    this.#switchedTo = null;
    const url = await this.#finder.find();
    const client = makeClient({ ...this.#config, url }, { reconnects: false });
    client.on('error', (error: unknown) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new CacheUnavailableError('The connection was closed.')));
    try {
      await client.connect();
      await assertMaster(client);
      for (const { channels, listener } of this.#subscriptions) await client.subscribe(channels, listener);
      if (!this.#isOpen || !client.isReady)
        throw new CacheUnavailableError('The connection was lost at once.');
      // Heard while this was going on: the sentinel that was asked did not know yet.
      if ((this.#switchedTo ?? url) !== url) throw new CacheUnavailableError(MOVED);
      this.#url = url;
      this.#client = client;
    } catch (error) {
      if (client.isOpen) client.destroy();
      throw error;
    }
  }

  #leave(client: ReturnType<typeof makeClient>, reason: Error): void {
    this.#lost(client, reason);
    if (client.isOpen) client.destroy();
  }

  #lost(client: ReturnType<typeof makeClient>, error: unknown): void {
    // One that never came to be used fails where it is made.
    if (this.#client !== client) return;
    this.#client = null;
    this.emit('error', error);
    // Rejects only when this is closed meanwhile, which nobody waits for.
    this.#reconnect().catch(() => undefined);
  }
}

async function assertMaster(client: ReturnType<typeof makeClient>): Promise<void> {
  const role: unknown = await client.sendCommand(['ROLE']);
  const name = Array.isArray(role) ? String(role[0]) : 'unknown';
  if (name === 'master') return;
  throw new CacheUnavailableError(`The server that the sentinels call the master says that it is a ${name}.`);
}
