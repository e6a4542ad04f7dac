import { createClient } from 'redis';
import { loadConfig, silentLogger } from '../../src/config/index.js';
import { DomainRepositoryFactory } from '../../src/domain/index.js';
import type { Seen } from './history.js';

/** Who answers the reads: holdfast, plain cache-aside as it is usually written, or PostgreSQL alone. */
export const ADAPTERS = ['holdfast', 'naive', 'none'] as const;
export type AdapterName = (typeof ADAPTERS)[number];

/** How a write goes: by itself, in a transaction, or in one that is rolled back. */
export type WriteMode = 'single' | 'transaction' | 'rolledBack';

/** What a process of the check reads and writes through. */
export interface Adapter {
  read(id: string): Promise<Seen>;
  /** Raises the row's version and leaves this mark; null where it was rolled back. */
  write(id: string, mark: number, mode: WriteMode): Promise<Seen | null>;
  /** Reads that the cache answered so far. */
  hits(): number;
  close(): Promise<void>;
}

export interface AdapterServers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
}

interface Row {
  readonly fileCount: number;
  readonly name: string;
}

const seen = ({ fileCount, name }: Row): Seen => ({ version: fileCount, mark: Number(name) });

/** What the function of a transaction throws to have it rolled back. */
class Undo extends Error {}

export async function openAdapter(name: AdapterName, servers: AdapterServers): Promise<Adapter> {
  const factory = new DomainRepositoryFactory({
    config: loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: servers.databaseUrl,
      CACHE_PREFIX: servers.prefix,
      DB_POOL_MAX: '10',
      ...(name === 'holdfast' ? { REDIS_URL: servers.redisUrl } : {}),
    }),
    logger: silentLogger,
  });
  await factory.initialize();
  const through = throughRepositories(factory);
  return name === 'naive' ? withPlainCache(through, servers) : through;
}

function throughRepositories(factory: DomainRepositoryFactory): Adapter {
  const projects = factory.getProjectRepository();
  const raise = async (id: string, mark: number): Promise<Seen> =>
    seen(await projects.update(id, { fileCount: { increment: 1 }, name: String(mark) }));
  return {
    read: async (id) => seen(await projects.findByIdOrThrow(id)),
    write: async (id, mark, mode) => {
      if (mode === 'single') return raise(id, mark);
      try {
        return await factory.transaction(
          async () => {
            const written = await raise(id, mark);
            // What a transaction reads of its own must not reach others.
            await projects.findById(id);
            if (mode === 'rolledBack') throw new Undo();
            return written;
          },
          { maxRetries: 50 },
        );
      } catch (error) {
        if (error instanceof Undo) return null;
        throw error;
      }
    },
    hits: () => factory.getCacheStatistics().hits,
    close: () => factory.shutdown(),
  };
}

/** Cache-aside as tutorials have it: get, else load and set; delete after a write. */
async function withPlainCache(database: Adapter, { redisUrl, prefix }: AdapterServers): Promise<Adapter> {
  const redis = createClient({ url: redisUrl });
  await redis.connect();
  const key = (id: string): string => `${prefix}:${id}`;
  let hits = 0;
  return {
    read: async (id) => {
      const cached = await redis.get(key(id));
      if (cached !== null) {
        hits += 1;
        return JSON.parse(cached) as Seen;
      }
      const loaded = await database.read(id);
      await redis.set(key(id), JSON.stringify(loaded), { expiration: { type: 'EX', value: 60 } });
      return loaded;
    },
    write: async (id, mark, mode) => {
      const written = await database.write(id, mark, mode);
      await redis.del(key(id));
      return written;
    },
    hits: () => hits,
    close: async () => {
      redis.destroy();
      await database.close();
    },
  };
}
