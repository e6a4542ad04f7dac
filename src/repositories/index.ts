export type { EntityId } from '../cache/index.js';
export { BaseRepository, type RepositoryHealth, type RepositoryWrite } from './base-repository.js';
export { inject, injectable } from './container.js';
export { type DatabaseFunctions, databaseFunctions, type HealthReport } from './database-functions.js';
export {
  type DefinedRepositoryFactory,
  defineRepositoryFactory,
  type RepositoryGetters,
} from './define-repository-factory.js';
export type { ArgsOf, CreateData, EntityOf, ModelDelegate, ResultOf, UpdateData } from './prisma-types.js';
export { REPOSITORY_CONTEXT, type RepositoryContext } from './repository-context.js';
export {
  type CheckableRepository,
  type FactoryHealth,
  type FactorySchema,
  type RepositoryClass,
  RepositoryFactory,
  type RepositoryFactoryOptions,
} from './repository-factory.js';
export type { RepositoryOptions } from './repository-options.js';
export { type Closable, installShutdownHandlers, type ShutdownHandlerOptions } from './shutdown-handlers.js';
