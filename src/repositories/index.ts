export type { EntityId } from '../cache/index.js';
export type { LastError } from './access/last-error.js';
export type { RepositoryWrite } from './access/repository-write.js';
export type { AnyDelegate, AnyRepository } from './any-repository.js';
export { BaseRepository, type ChangeOptions } from './base-repository.js';
export { type CacheFunctions, cacheFunctions, type FlushOptions, type Lifetime } from './cache-functions.js';
export { type DependencyContainer, delay, inject, injectable } from './container.js';
export { type DatabaseFunctions, databaseFunctions, type HealthReport } from './database-functions.js';
export {
  type DefinedRepositoryFactory,
  defineRepositoryFactory,
  type Overridden,
  type RepositoryGetters,
  type RepositoryOverrides,
} from './define-repository-factory.js';
export { createFacade, type Facade } from './facade/facade.js';
export type {
  CacheArgs,
  CachedArgs,
  CachedModel,
  CachedModels,
  CachedQueryOptions,
  Invalidation,
  ModelKeys,
  ModelsOf,
  ReadOperation,
} from './facade/facade-types.js';
export type {
  CheckableRepository,
  FactorySchema,
  RepositoryClass,
  RepositoryClasses,
  RepositoryFactoryOptions,
} from './factory/factory-types.js';
export type { FactoryHealth, HealthCheckOptions, Unanswered } from './factory/health-probe.js';
export { repositoryToken, TOKENS } from './factory/tokens.js';
export type { CursorRequest } from './pages/cursor-page.js';
export type { OffsetRequest } from './pages/offset-request.js';
export { withScope } from './policy/scope.js';
export type {
  ArgsOf,
  CreateData,
  CursorArgs,
  DefaultId,
  DelegateOperation,
  EntityIdValue,
  EntityOf,
  Exactly,
  Frozen,
  ModelDelegate,
  PageArgs,
  ResultOf,
  SearchArgs,
  SelectionOf,
  UpdateData,
  WhereOf,
} from './prisma-types.js';
export { ReadOnlyRepository } from './read-only-repository.js';
export { type Lifetimes, REPOSITORY_CONTEXT, type RepositoryContext } from './repository-context.js';
export type { RepositoryEventName, RepositoryEvents } from './repository-events.js';
export { RepositoryFactory } from './repository-factory.js';
export type { EntityReadOptions, ReadOptions, RepositoryOptions } from './repository-options.js';
export type { RepositoryHealth, RepositoryStatistics, SearchPage } from './repository-reports.js';
export { type Closable, installShutdownHandlers, type ShutdownHandlerOptions } from './shutdown-handlers.js';
