import { REPOSITORY_CONTEXT } from '../repository-context.js';

/**
 * What a factory's container holds, and under what: for `register`, and for `@inject` in a repository of one's own. The
 * tokens are global symbols, since the ESM and the CommonJS build may meet in a process.
 */
export const TOKENS = Object.freeze({
  /** `Config`; by default `loadConfig()`. */
  config: Symbol.for('holdfast:Config'),
  /** `Logger`; by default pino, as the configuration says. */
  logger: Symbol.for('holdfast:Logger'),
  /** `Clock`: where the cache takes time from; by default the monotonic clock of the system. */
  clock: Symbol.for('holdfast:Clock'),
  /**
   * `SharedStore`: where cached values live, whatever the configuration says; by default nothing is registered. What is
   * registered must be in this process, as the memory store is, and all who write to the database must use it: no relay
   * brings it the changes of others. There is then no near cache before it, so several factories may share one.
   */
  sharedStore: Symbol.for('holdfast:SharedStore'),
  /** `ConnectionPool`. */
  pool: Symbol.for('holdfast:Pool'),
  /** The application's Prisma client on that pool, with its extensions. */
  prisma: Symbol.for('holdfast:Prisma'),
  /** `CacheManager`. */
  cache: Symbol.for('holdfast:Cache'),
  /** `SchemaMetadata`. */
  metadata: Symbol.for('holdfast:Metadata'),
  /** `RepositoryContext`: what every repository stands on. */
  repositoryContext: REPOSITORY_CONTEXT,
} as const);

/** The token of the repository that has this name in the factory, such as `user`. */
export function repositoryToken(name: string): symbol {
  return Symbol.for(`holdfast:Repository:${name}`);
}
