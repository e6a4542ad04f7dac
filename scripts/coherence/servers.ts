import { fileURLToPath } from 'node:url';
import { type LocalPostgres, startPostgres } from '../support/local-postgres.js';
import { type LocalRedis, startRedis } from '../support/local-redis.js';
import { type LocalRedisCluster, startRedisCluster } from '../support/local-redis-cluster.js';
import { applyMigrations } from '../support/migrate.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

/** The servers of one check, its own. */
export interface CheckServers {
  readonly postgres: LocalPostgres;
  /** The one, or one of the cluster. */
  readonly redis: LocalRedis;
  /** Null where there is one Redis. */
  readonly cluster: LocalRedisCluster | null;
  /** The way of each process to Redis; empty where they reach it directly. */
  readonly proxies: readonly TcpProxy[];
  stop(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/**
 * @param proxies how many ways to Redis that can be cut there are to be
 * @param clustered whether Redis is a cluster of three masters
 */
export async function startServers(proxies: number, clustered: boolean): Promise<CheckServers> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const server of started.reverse()) await server.stop();
  };
  const note = async <Server extends { stop(): Promise<void> }>(
    starting: Promise<Server>,
  ): Promise<Server> => {
    const server = await starting;
    started.push(server);
    return server;
  };
  try {
    const [postgres, cluster] = await Promise.all([
      // Writes that wait for each other are part of the load: they are not to stand still for a second each time.
      note(startPostgres({ settings: { deadlock_timeout: '100ms' } })),
      clustered ? note(startRedisCluster()) : null,
    ]);
    const redis = cluster?.masters[0]?.server ?? (await note(startRedis()));
    await applyMigrations(postgres.url, MIGRATIONS);
    const ways: TcpProxy[] = [];
    for (let n = 0; n < proxies; n += 1) ways.push(await note(startTcpProxy(redis.port)));
    return { postgres, redis, cluster, proxies: ways, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
