import { type EnvironmentVariables, loadConfig, silentLogger } from '../../../src/config/index.js';
import { DomainRepositoryFactory } from '../../../src/domain/index.js';
import type { Adapter, AdapterOptions, AdapterServers, Answers, Reads, Writes } from './adapter.js';

/** More projects than one owner has here. */
const OWNED = 500;
/** Writes that collide are tried again until they do not. */
const TRANSACTION_RETRIES = 50;

/** Reads and writes through the repositories of the reference domain, with holdfast's cache or without any. */
export async function openRepositories({ name, servers, coherence }: AdapterOptions): Promise<Adapter> {
  const factory = new DomainRepositoryFactory({
    config: loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: servers.databaseUrl,
      CACHE_PREFIX: servers.prefix,
      DB_POOL_MAX: '10',
      ...(name === 'holdfast' ? redisOf(servers) : { CACHE_ENABLED: 'false' }),
      ...(name === 'holdfast' && coherence !== null ? { CACHE_COHERENCE: coherence } : {}),
    }),
    logger: silentLogger,
  });
  await factory.initialize();
  return {
    reads: readsThrough(factory),
    writes: writesThrough(factory),
    forget: async () => undefined,
    answers: () => answersOf(factory),
    close: () => factory.shutdown(),
  };
}

function redisOf({ redisUrl, clusterUrls }: AdapterServers): EnvironmentVariables {
  return clusterUrls === null ? { REDIS_URL: redisUrl } : { REDIS_CLUSTER_URLS: clusterUrls.join(',') };
}

function readsThrough(factory: DomainRepositoryFactory): Reads {
  const projects = factory.getProjectRepository();
  const users = factory.getUserRepository();
  return {
    projectById: (id) => projects.findById(id),
    userById: (id) => users.findById(id),
    userByGithubId: (githubId) => users.findByGithubId(githubId),
    userByEmail: (email) => users.findByEmail(email),
    projectsOfUser: async (ownerId) => (await projects.findByUser(ownerId, { pageSize: OWNED })).items,
    projectsWithOwner: (ownerId) => projects.findMany({ where: { ownerId }, include: { owner: true } }),
    projectCount: (ownerId) => projects.count({ where: { ownerId } }),
  };
}

function writesThrough(factory: DomainRepositoryFactory): Writes {
  const projects = factory.getProjectRepository();
  const users = factory.getUserRepository();
  return {
    updateProject: (id, data) => projects.update(id, data),
    createProject: (data) => projects.create(data),
    deleteProject: (id) => projects.delete(id),
    updateProjects: async (where, data) => (await projects.updateMany({ where, data })).count,
    deleteProjects: async (where) => (await projects.deleteMany({ where })).count,
    updateUser: (id, data) => users.update(id, data),
    createUser: (data) => users.create(data),
    deleteUser: (id) => users.delete(id),
    transaction: (work) => factory.transaction(() => work(), { maxRetries: TRANSACTION_RETRIES }),
    query: (text, parameters) => factory.pool.query(text, parameters),
  };
}

function answersOf(factory: DomainRepositoryFactory): Answers {
  const statistics = factory.getCacheStatistics();
  // Not every version has a near cache.
  const { nearHits } = statistics as { readonly nearHits?: number };
  return { near: nearHits ?? null, shared: statistics.hits, loads: statistics.loads };
}
