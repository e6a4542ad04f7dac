import type { RedisConfig } from '../../../config/index.js';
import type { ChannelListener } from '../../fleet/fleet-channel.js';
import { decodeMessage } from '../announcement.js';
import { makeClient, type RedisClient } from '../redis-client.js';
import type { ClusterNode } from './cluster-node.js';

const SEPARATOR = '\0';

/** A message that says on which server it was published. */
export function signed(runId: string, message: string): string {
  return runId + SEPARATOR + message;
}

interface Listening {
  readonly address: string;
  readonly client: RedisClient;
  /** The run id of the server at the other end; null until it has said it. */
  runId: string | null;
}

/**
 * The connection through which a process hears of changes. They are announced on the server that has the registry, and only
 * there do they come in their order and without a gap. What comes from another has travelled from server to server; it says
 * that the registry is elsewhere now.
 */
export class ClusterListener {
  readonly #changes: string;
  #channels: readonly string[] = [];
  #listener: ChannelListener | null = null;
  #current: Listening | null = null;

  /** @param changes the channel whose messages must come without a gap */
  constructor(changes: string) {
    this.#changes = changes;
  }

  listen(channels: readonly string[], listener: ChannelListener): void {
    this.#channels = channels;
    this.#listener = listener;
  }

  /** The registry was on this server a moment ago. */
  follow({ address, config, runId }: ClusterNode): void {
    if (this.#listener === null) return;
    const current = this.#current;
    if (current?.address === address && (current.runId === null || current.runId === runId)) return;
    this.#end();
    this.#listener.onLost();
    this.#current = this.#begin(address, config, this.#listener);
  }

  close(): void {
    this.#end();
    this.#listener = null;
  }

  #begin(address: string, config: RedisConfig, listener: ChannelListener): Listening {
    const client: RedisClient = makeClient(config);
    const listening: Listening = { address, client, runId: null };
    const lost = (): void => {
      listening.runId = null;
      if (this.#current === listening) listener.onLost();
    };
    client.on('error', lost);
    client.on('reconnecting', lost);
    client.on('end', lost);
    // It subscribes by itself whenever it has connected again, perhaps to another server.
    client.on('ready', () => void this.#recognise(listening));
    client
      .connect()
      .then(
        () =>
          client.subscribe([...this.#channels], (message, channel) =>
            this.#hear(listening, String(channel), String(message)),
          ),
        () => undefined,
      )
      .catch(lost);
    return listening;
  }

  async #recognise(listening: Listening): Promise<void> {
    try {
      const info = String(await listening.client.info('server'));
      listening.runId = /^run_id:(\w+)/m.exec(info)?.[1] ?? null;
    } catch {
      // The connection was lost, of which `lost` hears.
      listening.runId = null;
    }
  }

  #hear(listening: Listening, channel: string, text: string): void {
    const end = text.indexOf(SEPARATOR);
    if (this.#current !== listening || this.#listener === null || end < 0) return;
    const message = text.slice(end + SEPARATOR.length);
    // Those to this process alone may come from anywhere.
    if (channel !== this.#changes) this.#listener.onMessage(channel, message);
    // Until it is known who this is nothing is remembered, so nothing is missed.
    else if (listening.runId === null) return;
    else if (text.slice(0, end) === listening.runId) this.#listener.onMessage(channel, message);
    else this.#hearFromAfar(this.#listener, channel, message);
  }

  /** Something was missed perhaps, so all is forgotten; and with it what this message names, which the writer may be told. */
  #hearFromAfar(listener: ChannelListener, channel: string, message: string): void {
    listener.onLost();
    if (decodeMessage(message)?.kind !== 'change') return;
    listener.onMessage(channel, message);
    // It came through, but that does not say that the next one will.
    listener.onLost();
  }

  #end(): void {
    const ended = this.#current;
    this.#current = null;
    if (ended?.client.isOpen) ended.client.destroy();
  }
}
