import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConnectionPool } from '../../../../src/database/connection-pool.js';
import { fenceMarker, runFenced } from '../../../../src/database/outbox/fenced-statements.js';
import { Outbox, type OutboxChange } from '../../../../src/database/outbox/outbox.js';
import { findPgBouncer, type PgBouncer, startPgBouncer } from '../../../support/pgbouncer.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';
import { poolOn, storeUser, takeRecorded } from './fixtures.js';

const executable = findPgBouncer();
const whereInstalled = executable === null ? describe.skip : describe;

whereInstalled(
  `behind PgBouncer in transaction mode${executable === null ? ' (skipped: it is not installed)' : ''}`,
  () => {
    let database: TestDatabase;
    let bouncer: PgBouncer;
    let pool: ConnectionPool;

    beforeAll(async () => {
      database = await createDatabase();
      bouncer = await startPgBouncer(executable ?? '', database.url);
      pool = poolOn(bouncer.url, { transactionPooler: true, pool: { max: 20 } });
    });
    afterAll(async () => {
      await pool.close();
      await bouncer.stop();
      await database.drop();
    });

    test('marked and unmarked statements share connections, and only the unmarked are recorded', async () => {
      const [marked, unmarked] = [await storeUser(database.url), await storeUser(database.url)];
      await takeRecorded(database.url);
      const write = { marker: fenceMarker('holdfast_outbox', ['users']), isStanding: () => true };
      const rename = (id: string, name: string) =>
        pool.execute('UPDATE users SET name = $2 WHERE id = $1', [id, name], { name: 'rename' });
      await Promise.all(
        Array.from({ length: 60 }, (_, n) =>
          n % 2 === 0 ? runFenced(write, () => rename(marked, `${n}`)) : rename(unmarked, `${n}`),
        ),
      );
      const seen: OutboxChange[] = [];
      const outbox = new Outbox(pool);
      const moment = await outbox.now();
      expect(await outbox.isDrainedUpTo(moment)).toBe(false);
      expect(await outbox.take(async (changes) => void seen.push(...changes))).toBe(30);
      expect(seen).toEqual(Array(30).fill({ schema: 'public', table: 'users', ids: [unmarked] }));
      expect(await outbox.isDrainedUpTo(moment)).toBe(true);
    });
  },
);
