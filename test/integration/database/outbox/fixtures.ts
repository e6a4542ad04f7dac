import { randomUUID } from 'node:crypto';
import { type ConfigOverrides, loadConfig, silentLogger } from '../../../../src/config/index.js';
import { ConnectionPool } from '../../../../src/database/connection-pool.js';
import { runSql } from '../../../support/sql.js';

/** A recorded change, as far as most tests look: the table, and the ids in order. */
export type Recorded = readonly [table: string, ids: readonly string[] | null];

/** Takes what the triggers have recorded since it was last asked, in the order in which they did. */
export async function takeRecorded(url: string, outboxSchema = 'holdfast_outbox'): Promise<Recorded[]> {
  const rows = await runSql<{ table_name: string; ids: string[] | null }>(
    url,
    `WITH taken AS (DELETE FROM "${outboxSchema}".outbox RETURNING *) SELECT * FROM taken ORDER BY id`,
  );
  return rows.map(({ table_name, ids }) => [table_name, ids?.sort() ?? null]);
}

/** A pool on this database; nothing is taken from the environment. */
export function poolOn(url: string, database: ConfigOverrides['database'] = {}): ConnectionPool {
  return new ConnectionPool(
    loadConfig({ NODE_ENV: 'test', DATABASE_URL: url, DB_POOL_MAX: '5' }, { database }),
    silentLogger,
  );
}

/** A user of the reference domain whom no other test has, for Prisma. */
export function newUser(): { id: string; githubId: string; email: string; username: string } {
  const id = randomUUID();
  return { id, githubId: id, email: `${id}@example.test`, username: 'someone' };
}

/** Stores one by SQL and gives the id. */
export async function storeUser(url: string): Promise<string> {
  const { id, email } = newUser();
  await runSql(
    url,
    `INSERT INTO users (id, github_id, email, username, updated_at) VALUES ($1, $2, $3, 'someone', now())`,
    [id, id, email],
  );
  return id;
}
