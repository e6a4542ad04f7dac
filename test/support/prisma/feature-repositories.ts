import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import {
  BaseRepository,
  defineRepositoryFactory,
  ReadOnlyRepository,
  type RepositoryContext,
} from '../../../src/repositories/index.js';
import { COMMAND_PATIENCE_MS } from '../patience.js';
import { sharedRedis } from '../servers.js';
import { openSchemaDatabase, type SchemaDatabase } from './schema-database.js';

/** A model that no compiler has seen: everything fits. */
export type AnyDelegate = {
  // biome-ignore lint/suspicious/noExplicitAny: the client is made while the test runs
  readonly [key: symbol]: { types: { payload: any; operations: any } };
};

/** A row of such a model. */
export type AnyRow = Readonly<Record<string, unknown>>;

function repositoryOf(model: string, options: object = {}) {
  return class extends BaseRepository<AnyDelegate, unknown> {
    constructor(context: RepositoryContext) {
      super(context, { model, ...options });
    }

    lookUp(name: string, value: unknown): Promise<unknown> {
      return this.findByUnique(name, value);
    }
  };
}

function viewOf(model: string) {
  return class extends ReadOnlyRepository<AnyDelegate, unknown> {
    constructor(context: RepositoryContext) {
      super(context, { model });
    }
  };
}

export const featureRepositories = {
  team: repositoryOf('Team'),
  seat: repositoryOf('Seat'),
  note: repositoryOf('Note'),
  ticket: repositoryOf('Ticket', {
    tags: ['team:{teamId}'],
    softDelete: 'deletedAt',
    version: 'version',
    defaultOrder: { number: 'asc' },
    maxPageSize: 50,
    searchFields: ['title', 'body'],
  }),
  document: repositoryOf('Document', { scope: 'tenantId', ttlSeconds: { entity: 60, query: 5 } }),
  folder: repositoryOf('Folder', { scope: 'teamId', softDelete: 'deletedAt' }),
  reading: repositoryOf('Reading'),
  price: repositoryOf('Price'),
  event: repositoryOf('Event'),
  teamSize: viewOf('TeamSize'),
  titles: viewOf('Titles'),
};

const SCHEMA = fileURLToPath(new URL('features.prisma', import.meta.url));
const VIEWS = `
  CREATE VIEW "TeamSize" AS SELECT team_id AS "teamId", count(*)::int AS size FROM seats GROUP BY team_id;
  CREATE VIEW "Titles" AS SELECT title, count(DISTINCT "teamId")::int AS teams FROM "Ticket" GROUP BY title;`;

/** A database with the tables of features.prisma. */
export async function openFeatureDatabase(): Promise<SchemaDatabase> {
  return openSchemaDatabase(await readFile(SCHEMA, 'utf8'), { after: VIEWS });
}

/** A service on that database; those of one prefix share a cache. */
export function featureFactory(
  database: SchemaDatabase,
  options: { readonly prefix?: string; readonly near?: boolean } = {},
) {
  const redis = sharedRedis();
  const Factory = defineRepositoryFactory(featureRepositories, {
    PrismaClient: database.PrismaClient,
    metadata: database.metadata,
  });
  const config = loadConfig(
    {
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
      CACHE_PREFIX: options.prefix ?? redis.keyPrefix,
      DB_POOL_MAX: '5',
    },
    options.near === false ? { cache: { coherence: 'off' } } : {},
  );
  return new Factory({ config, logger: silentLogger });
}

export type FeatureFactory = ReturnType<typeof featureFactory>;
