import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createClient } from 'redis';
import { PortTakenError, withFreePort } from '../../scripts/support/free-port.js';
import { findRedisServer, type LocalRedis, startRedis } from '../../scripts/support/local-redis.js';
import { makeTemporaryDirectory } from '../../scripts/support/process-identity.js';
import { askRedis } from '../../scripts/support/redis-command.js';
import { ServerProcess } from '../../scripts/support/server-process.js';
import { eventually } from './eventually.js';

const MASTER = 'cache';
const SERVER_PASSWORD = 'server-password';
const SENTINEL_PASSWORD = 'sentinel-password';
const SENTINELS = 3;
const REPLICAS = 2;
const READY_WITHIN_MS = 20_000;

/** One Redis master, two replicas and three sentinels of a test's own, each kind with a password. */
export class SentinelGroup {
  readonly master = MASTER;
  /** How the servers are spoken to; its host is none of theirs. */
  readonly serverUrl = `redis://:${SERVER_PASSWORD}@unused`;
  readonly servers: readonly LocalRedis[];
  readonly sentinels: readonly Sentinel[];

  private constructor(servers: readonly LocalRedis[], sentinels: readonly Sentinel[]) {
    this.servers = servers;
    this.sentinels = sentinels;
  }

  /** The URLs of the sentinels. */
  get urls(): string[] {
    return this.sentinels.map(({ url }) => url);
  }

  static async start(): Promise<SentinelGroup> {
    const servers: LocalRedis[] = [];
    const sentinels: Sentinel[] = [];
    const group = new SentinelGroup(servers, sentinels);
    try {
      const master = await startRedis();
      servers.push(master);
      for (let n = 0; n < REPLICAS; n += 1) {
        const settings = { replicaof: `127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay': '0' };
        servers.push(await startRedis({ settings }));
      }
      // Only now: whoever starts a server looks whether it answers without a password.
      for (const { url } of servers.toReversed()) await setPassword(url);
      for (let n = 0; n < SENTINELS; n += 1) sentinels.push(await startSentinel(master.port));
      await eventually(
        () => Promise.all(sentinels.map((sentinel) => sentinel.knows())),
        (known) => known.every((is) => is),
        READY_WITHIN_MS,
      );
      return group;
    } catch (error) {
      await group.stop();
      throw error;
    }
  }

  /** The server that the first sentinel calls the master. */
  async currentMaster(): Promise<LocalRedis> {
    const port = await this.sentinels[0]?.masterPort();
    const master = this.servers.find((server) => server.port === port);
    if (master === undefined) throw new Error(`No server of this group listens on port ${port}.`);
    return master;
  }

  /** How a server is reached by a plain client. */
  urlOf(server: LocalRedis): string {
    return `redis://:${SERVER_PASSWORD}@127.0.0.1:${server.port}`;
  }

  /** Has the sentinels make a replica the master while the master still runs; resolves when they say they will. */
  async failover(): Promise<void> {
    await eventually(
      () =>
        this.sentinels[0]?.ask(['SENTINEL', 'FAILOVER', MASTER]).then(
          () => true,
          () => false,
        ) ?? false,
      (begun) => begun,
      READY_WITHIN_MS,
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.sentinels.map((sentinel) => sentinel.stop()));
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

/** One sentinel. */
export class Sentinel {
  readonly url: string;
  readonly #process: ServerProcess;

  constructor(port: number, process: ServerProcess) {
    this.url = `redis://:${SENTINEL_PASSWORD}@127.0.0.1:${port}`;
    this.#process = process;
  }

  async ask(command: readonly string[]): Promise<unknown> {
    const client = createClient({ url: this.url, RESP: 2 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.sendCommand([...command]);
    } finally {
      client.destroy();
    }
  }

  async masterPort(): Promise<number> {
    const address = await this.ask(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER]);
    return Number((address as string[])[1]);
  }

  /** Whether it has found all replicas and all other sentinels. */
  async knows(): Promise<boolean> {
    const fields = (await this.ask(['SENTINEL', 'MASTER', MASTER])) as string[];
    const numberOf = (name: string): number => Number(fields[fields.indexOf(name) + 1]);
    return numberOf('num-slaves') === REPLICAS && numberOf('num-other-sentinels') === SENTINELS - 1;
  }

  pause(): void {
    this.#process.pause();
  }

  async stop(): Promise<void> {
    await this.#process.dispose();
  }
}

async function setPassword(url: string): Promise<void> {
  const client = createClient({ url });
  await client.connect();
  await client.configSet('masterauth', SERVER_PASSWORD);
  await client.configSet('requirepass', SERVER_PASSWORD);
  client.destroy();
}

function startSentinel(masterPort: number): Promise<Sentinel> {
  const executable = findRedisServer();
  if (executable === null) throw new Error('No redis-server is installed.');
  return withFreePort(async (port) => {
    const directory = makeTemporaryDirectory('holdfast-sentinel-', null);
    const file = path.join(directory, 'sentinel.conf');
    const lines = [
      'bind 127.0.0.1',
      `port ${port}`,
      `dir ${directory}`,
      `requirepass ${SENTINEL_PASSWORD}`,
      `sentinel sentinel-pass ${SENTINEL_PASSWORD}`,
      `sentinel monitor ${MASTER} 127.0.0.1 ${masterPort} 2`,
      `sentinel auth-pass ${MASTER} ${SERVER_PASSWORD}`,
      `sentinel down-after-milliseconds ${MASTER} 2000`,
      `sentinel failover-timeout ${MASTER} 4000`,
      `sentinel parallel-syncs ${MASTER} 1`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const process = new ServerProcess({
      name: 'Redis Sentinel',
      executable,
      arguments: [file, '--sentinel'],
      directory,
      identity: null,
      stopSignal: 'SIGTERM',
    });
    try {
      await process.start(async () => {
        try {
          await askRedis(port, 'PING');
          return true;
        } catch (error) {
          // It asks for the password, so it is there.
          return error instanceof Error && error.message.startsWith('NOAUTH');
        }
      });
      return new Sentinel(port, process);
    } catch (error) {
      const isTaken = /Address already in use/.test(process.logTail());
      await process.dispose();
      if (isTaken) throw new PortTakenError(`Port ${port} is taken.`, { cause: error });
      throw error;
    }
  });
}
