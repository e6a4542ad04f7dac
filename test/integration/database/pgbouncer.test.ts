import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { domainFactory, someProject } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { findPgBouncer, type PgBouncer, startPgBouncer } from '../../support/pgbouncer.js';
import { createDatabase, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';

const executable = findPgBouncer();
// No package of npm ships PgBouncer, and the tests install nothing that a user would not need.
const whereInstalled = executable === null ? describe.skip : describe;

whereInstalled(
  `behind PgBouncer in transaction mode${executable === null ? ' (skipped: it is not installed)' : ''}`,
  () => {
    let database: TestDatabase;
    let bouncer: PgBouncer;
    let factory: DomainRepositoryFactory;

    beforeAll(async () => {
      database = await createDatabase();
      bouncer = await startPgBouncer(executable ?? '', database.url);
      factory = domainFactory(
        { databaseUrl: bouncer.url },
        { database: { directUrl: database.url, transactionPooler: true, pool: { max: 20 } } },
      );
      await factory.initialize();
    });
    afterAll(async () => {
      await factory.shutdown();
      await bouncer.stop();
      await database.drop();
    });

    test('repositories and transactions work while they share few connections', async () => {
      const { id } = await someProject(factory);
      await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          factory.transaction(
            async (prisma) => {
              const { fileCount } = await prisma.project.findUniqueOrThrow({ where: { id } });
              await factory.getProjectRepository().update(id, { fileCount: fileCount + 1, version: `${n}` });
            },
            { isolation: 'Serializable', maxRetries: 200, timeoutMs: 30_000 },
          ),
        ),
      );
      expect((await factory.getProjectRepository().findById(id))?.fileCount).toBe(60);
      const [row] = await runSql<{ n: number }>(
        database.url,
        'SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      expect(row?.n).toBeLessThanOrEqual(4);
    }, 120_000);

    test('a statement of a name is not prepared, since the next call may meet another connection', async () => {
      for (let n = 0; n < 30; n += 1) {
        expect(await factory.pool.query('SELECT $1::int AS n', [n], { name: 'by_name' })).toEqual([{ n }]);
      }
    });

    test('a statement is cancelled on the server through the pooler', async () => {
      const controller = new AbortController();
      const slow = factory.pool.query('SELECT pg_sleep(60)', [], { signal: controller.signal });
      const active = () =>
        runSql<{ n: number }>(
          database.url,
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND state = 'active' AND datname = current_database()",
        );
      await eventually(active, ([row]) => row?.n === 1);
      controller.abort(new Error('enough'));
      await expect(slow).rejects.toThrow('enough');
      await eventually(active, ([row]) => row?.n === 0);
    });

    test('maintenance goes past it, by DIRECT_DATABASE_URL', async () => {
      const { ok } = await factory.pool.vacuum({ tables: ['projects'] });
      expect(ok).toBe(true);
    });
  },
);
