import { type Config, type ConfigOverrides, loadConfig, maskUrl } from '../../src/config/index.js';
import { type LocalPostgres, startPostgres } from '../support/local-postgres.js';
import { findRedisServer, type LocalRedis, startRedis } from '../support/local-redis.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The servers that a run of the demo uses: its own ones, which `stop` removes, or those of the environment. */
export interface DemoServers {
  readonly config: Config;
  /** Whether the database was made for this run, and goes with it. */
  readonly ownsDatabase: boolean;
  /** What is used, in a line each. */
  readonly description: readonly string[];
  stop(): Promise<void>;
}

// Never connected to: it only lets the rest of the environment be checked before a server is started.
const placeholderUrl = 'postgresql://placeholder@127.0.0.1:1/placeholder';

/** Checks the whole environment, as if a database were given. Throws ConfigurationError. */
export function checkEnvironment(environment: Environment): Config {
  return loadConfig(
    environment,
    isSet(environment, 'DATABASE_URL') ? {} : { database: { url: placeholderUrl } },
  );
}

/** Starts what the environment does not give. Each key starts with `cachePrefix`. */
export async function startServers(environment: Environment, cachePrefix: string): Promise<DemoServers> {
  const checked = checkEnvironment(environment);
  const needsPostgres = !isSet(environment, 'DATABASE_URL');
  const canStartRedis = checked.redis === null && checked.cache.sharedEnabled && findRedisServer() !== null;
  const started = await Promise.allSettled([
    needsPostgres ? startPostgres() : null,
    canStartRedis ? startRedis() : null,
  ]);
  const [postgres, redis] = started.map((result) =>
    result.status === 'fulfilled' ? result.value : null,
  ) as [LocalPostgres | null, LocalRedis | null];
  const stop = async () => {
    await Promise.all([postgres?.stop(), redis?.stop()]);
  };
  const failure = started.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await stop();
    throw failure.reason;
  }

  const usesRedis = redis !== null || (checked.redis !== null && checked.cache.sharedEnabled);
  const overrides: ConfigOverrides = {
    ...(postgres !== null && { database: { url: postgres.url } }),
    ...(redis !== null && { redis: { url: redis.url } }),
    cache: { prefix: cachePrefix, ...(!usesRedis && { localEnabled: true }) },
  };
  return {
    config: loadConfig(environment, overrides),
    ownsDatabase: postgres !== null,
    description: [describePostgres(postgres, checked), describeRedis(redis, checked)],
    stop,
  };
}

function describePostgres(own: LocalPostgres | null, { database }: Config): string {
  return own === null
    ? `PostgreSQL  ${maskUrl(database.url)} (DATABASE_URL)`
    : `PostgreSQL  127.0.0.1:${own.port}, started for this run from ${own.source} binaries, not synced to disk`;
}

function describeRedis(own: LocalRedis | null, { redis, cache }: Config): string {
  if (own !== null) {
    return `Redis       127.0.0.1:${own.port}, started for this run`;
  }
  if (!cache.sharedEnabled) {
    return 'Redis       not used (ENABLE_REDIS_CACHE is off): caching in the memory of this process alone';
  }
  if (redis === null) {
    return 'Redis       none on this machine and REDIS_URL is unset: caching in the memory of this process alone';
  }
  return `Redis       ${maskUrl(redis.url)} (from the environment)`;
}

function isSet(environment: Environment, name: string): boolean {
  return (environment[name] ?? '').trim() !== '';
}
