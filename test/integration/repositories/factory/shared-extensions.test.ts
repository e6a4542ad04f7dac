import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig, silentLogger } from '../../../../src/config/index.js';
import { schemaMetadata } from '../../../../src/domain/generated/holdfast/metadata.js';
import { PrismaClient } from '../../../../src/domain/index.js';
import { BaseRepository, type RepositoryContext, repositoryToken } from '../../../../src/index.js';
import { type Wiring, wire } from '../../../../src/repositories/factory/wiring.js';
import { eventually } from '../../../support/eventually.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

class People extends BaseRepository<PrismaClient['user']> {
  constructor(context: RepositoryContext) {
    super(context, { model: 'User' });
  }
}

/** What one evaluation of a module makes, with an extension in one of its wordings. */
function evaluated(extend: (client: PrismaClient) => PrismaClient, shared?: Wiring): Wiring {
  const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, ENABLE_LOCAL_CACHE: 'true' });
  return wire({
    schema: { PrismaClient, metadata: schemaMetadata, extend: extend as never },
    repositories: { user: People },
    options: { config, logger: silentLogger },
    ...(shared !== undefined && { shared }),
  });
}

const people = ({ container }: Wiring) => container.resolve<People>(repositoryToken('user'));
const spelled = (compute: (user: { username: string }) => string) => (client: PrismaClient) =>
  client.$extends({
    result: { user: { label: { needs: { username: true }, compute } } },
  }) as unknown as PrismaClient;

describe('factories that share a cache and not the wording of their extensions', () => {
  test('forget what the other wording has computed, and nothing while it is the same', async () => {
    const first = evaluated(spelled(({ username }) => `<${username}>`));
    const data = { githubId: randomUUID(), email: randomUUID(), username: 'someone' };
    const { id } = await people(first).create(data);
    expect(await people(first).findById(id)).toMatchObject({ label: '<someone>' });

    const same = evaluated(
      spelled(({ username }) => `<${username}>`),
      first,
    );
    const { loads } = first.cache.getStatistics();
    expect(await people(same).findById(id)).toMatchObject({ label: '<someone>' });
    expect(first.cache.getStatistics().loads).toBe(loads);

    const other = evaluated(
      spelled(({ username }) => `[${username}]`),
      first,
    );
    expect(other.cache).toBe(first.cache);
    await eventually(
      () => people(other).findById(id) as Promise<{ label?: string } | null>,
      (found) => found?.label === '[someone]',
    );
    await first.close({});
  });
});
