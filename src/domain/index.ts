import { cacheFunctions, createFacade, databaseFunctions } from '../repositories/index.js';
import { ConversionJobRepository } from './conversion-job-repository.js';
import { defineFactory } from './generated/holdfast/index.js';
import { ProjectRepository } from './project-repository.js';
import { UserRepository } from './user-repository.js';

export {
  type CleanupOptions,
  ConversionJobRepository,
  type Job,
  type JobOwner,
} from './conversion-job-repository.js';
export { AttemptsExhaustedError, InvalidTransitionError } from './domain-errors.js';
export {
  type ConversionJob,
  JobStatus,
  JobType,
  Prisma,
  PrismaClient,
  type Project,
  ProjectStatus,
  type User,
} from './generated/prisma/client.js';
export type { JobFigures } from './job-figures.js';
export {
  type ProjectEntity,
  type ProjectFigures,
  ProjectRepository,
  type ProjectWithJobs,
} from './project-repository.js';
export { type UserFigures, UserRepository } from './user-repository.js';

/** The factory of the reference domain. */
export const DomainRepositoryFactory = defineFactory({
  user: UserRepository,
  project: ProjectRepository,
  conversionJob: ConversionJobRepository,
});

export type DomainRepositoryFactory = InstanceType<typeof DomainRepositoryFactory>;

/** The factory of this process, on the settings of the environment. It connects at first use. */
export const repositoryFactory: DomainRepositoryFactory = DomainRepositoryFactory.getInstance();

/** The whole data layer of that factory behind one object. */
export const db = createFacade(repositoryFactory);

/** The database of that factory as plain functions. */
export const {
  connectDatabase,
  disconnectDatabase,
  isConnectedToDatabase,
  checkDatabaseHealth,
  withRetry,
  prisma,
  getPrismaClient,
  databasePool,
} = databaseFunctions(repositoryFactory);

/** The cache of that factory as plain functions. */
export const {
  connectRedis,
  disconnectRedis,
  isConnectedToRedis,
  checkRedisHealth,
  redis,
  get,
  set,
  getJSON,
  setJSON,
  del,
  expire,
  exists,
  ttl,
  setSession,
  getSession,
  extendSession,
  deleteSession,
  deleteSessionsOf,
  invalidateCache,
  deletePattern,
  flushAll,
  DEFAULT_TTL,
} = cacheFunctions(repositoryFactory);
