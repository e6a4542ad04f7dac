import { isIPv6 } from 'node:net';
import type { Logger, RedisConfig } from '../../../config/index.js';
import { CacheUnavailableError } from '../../../errors.js';
import type { KeySpace } from '../../keys.js';
import { unexpectedAnswer } from '../redis-answers.js';
import { clientsOf } from '../redis-client.js';
import { type NewServer, RedisConnection } from '../redis-connection.js';
import type { ScriptArgument } from '../redis-link.js';
import { CLUSTER_MAP, CLUSTER_WHO, type RedisScript } from '../scripts.js';
import { ServerClock } from '../server-clock.js';
import { hostOf } from './redirection.js';
import { SlotMap } from './slot-map.js';

/** What a server says of itself. */
export interface Who {
  /** What it was made by: another after a restart, or when it was promoted. */
  readonly identity: string;
  readonly runId: string;
  readonly isMaster: boolean;
  /** How new its knowledge of the cluster is. */
  readonly epoch: number;
}

/** Lets a server to which a connection was made take part; resolves when it may be sent to. */
export type Admit = (node: ClusterNode, server: NewServer) => Promise<void>;

/** One server of a cluster, and the connection of this process to it. */
export class ClusterNode {
  /** `host:port`. */
  readonly address: string;
  readonly config: RedisConfig;
  readonly clock: ServerClock;
  readonly #connection: RedisConnection;
  #server: NewServer | null = null;
  #settle: () => void = () => undefined;
  /** Resolves when the first attempt to connect, and to be admitted, came to something or to nothing. */
  readonly settled = new Promise<void>((resolve) => {
    this.#settle = resolve;
  });
  #greet: () => void = () => undefined;
  /** Resolves when the first attempt to connect came to something or to nothing. */
  readonly greeted = new Promise<void>((resolve) => {
    this.#greet = resolve;
  });
  /** As whom it was admitted. */
  identity: string | null = null;
  /** When it was last sent to because it is taking a slot over, on the clock of `performance.now()`. */
  askedAt = Number.NEGATIVE_INFINITY;

  /** Connects to nothing. @param config `url` says user, password and TLS; its host and port are of no account */
  constructor(address: string, config: RedisConfig, keys: KeySpace, logger: Logger, admit: Admit) {
    this.address = address;
    this.config = { ...config, url: urlOf(config.url, address) };
    this.clock = new ServerClock(config.commandTimeoutMs);
    this.#connection = new RedisConnection(this.config, keys, logger, clientsOf(this.config), (server) => {
      this.#server = server;
      this.identity = null;
      this.#greet();
      // Whether there was another is for the survey of all servers to say.
      return admit(this, server).then(() => true);
    });
  }

  /** The run id of the server; empty while there is none. */
  get runId(): string {
    return this.#server?.runId ?? '';
  }

  /** Whether it was up for long when this process first spoke to it. True once. */
  takeWasUp(): boolean {
    return this.#connection.takeServerWasUp();
  }

  /** Starts connecting. */
  open(): void {
    void this.#connection.open().then(() => {
      this.#greet();
      this.#settle();
    });
  }

  /** It cannot be admitted now: who waits need not wait on. */
  giveUp(): void {
    this.#settle();
  }

  close(): void {
    this.#connection.close();
    this.#greet();
    this.#settle();
  }

  ping(): Promise<void> {
    return this.#connection.ping();
  }

  /** @throws CacheUnavailableError when it is away, or was not admitted */
  run(script: RedisScript, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
    return this.#heeding(this.#connection.run(script, keys, args));
  }

  /** The same, of a slot that it is taking over. */
  runAsking(script: RedisScript, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown> {
    return this.#heeding(this.#connection.runAsking(script, keys, args));
  }

  /** The same, of a server that was not admitted: only for what cannot come to an old value. */
  async runUnadmitted(
    script: RedisScript,
    keys: readonly string[],
    args: readonly ScriptArgument[],
  ): Promise<unknown> {
    if (this.#server?.isCurrent() !== true)
      throw new CacheUnavailableError(`The Redis at ${this.address} is not connected.`);
    return this.#server.run(script, keys, args);
  }

  async #heeding(answer: Promise<unknown>): Promise<unknown> {
    try {
      return await answer;
    } catch (error) {
      this.clock.failed(error);
      throw error;
    }
  }

  publish(channel: string, message: string): Promise<unknown> {
    return this.#connection.publish(channel, message);
  }

  /** Which server has which slots, as far as this one knows. */
  async map(): Promise<SlotMap> {
    return new SlotMap(await this.runUnadmitted(CLUSTER_MAP, [], []), hostOf(this.address));
  }

  async who(): Promise<Who> {
    const answer = await this.runUnadmitted(CLUSTER_WHO, [], []);
    if (!Array.isArray(answer) || answer.length !== 5) throw unexpectedAnswer('who', answer);
    const [nowMs, runId, replication, role, epoch] = answer.map(String) as [
      string,
      string,
      string,
      string,
      string,
    ];
    this.clock.heard(Number(nowMs));
    return { identity: `${runId}-${replication}`, runId, isMaster: role === 'master', epoch: Number(epoch) };
  }
}

/** The URL of a server of the cluster, with user, password and TLS of another one's. */
export function urlOf(like: string, address: string): string {
  const url = new URL(like);
  const host = hostOf(address);
  url.hostname = isIPv6(host) ? `[${host}]` : host;
  url.port = address.slice(host.length + 1);
  // A cluster has one database.
  url.pathname = '';
  return url.href;
}
