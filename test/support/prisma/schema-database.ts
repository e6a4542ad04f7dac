import { Client } from 'pg';
import { SchemaEngine } from '../../../scripts/support/schema-engine.js';
import type { PrismaClientClass, PrismaClientLike, SchemaMetadata } from '../../../src/database/index.js';
import { metadataFromDmmf } from '../../../src/generator/metadata-from-dmmf.js';
import { createDatabase } from '../servers.js';
import { generateClient } from './generated-client.js';

/** A database with the tables of a schema, and the client that Prisma generates for it. */
export interface SchemaDatabase {
  readonly url: string;
  readonly metadata: SchemaMetadata;
  readonly PrismaClient: PrismaClientClass<PrismaClientLike>;
  /** What the generated module exports as `Prisma`. */
  readonly prisma: Readonly<Record<string, unknown>>;
  /** Sends SQL as another service would: neither through the pool nor through Prisma. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** How many statements on this database wait for a lock. */
  locksWaitedFor(): Promise<number>;
  close(): Promise<void>;
}

/** About 2.5 s, most of it for `prisma generate`. */
export async function openSchemaDatabase(
  schema: string,
  options: { readonly after?: string } = {},
): Promise<SchemaDatabase> {
  const generated = await generateClient(schema);
  const database = await createDatabase({ migrated: false });
  const engine = await SchemaEngine.open(database.url, generated.schemaFile);
  const sql = await engine.completeSql();
  await engine.close();
  const other = new Client({ connectionString: database.url });
  await other.connect();
  await other.query(sql);
  const watcher = new Client({ connectionString: database.url });
  await watcher.connect();
  if (options.after !== undefined) await other.query(options.after);
  const loaded = await generated.load();
  return {
    url: database.url,
    metadata: metadataFromDmmf(generated.dmmf),
    PrismaClient: loaded['PrismaClient'] as PrismaClientClass<PrismaClientLike>,
    prisma: loaded['Prisma'] as Readonly<Record<string, unknown>>,
    sql: async (text, values = []) => (await other.query<Record<string, unknown>>(text, [...values])).rows,
    locksWaitedFor: async () => {
      const { rows } = await watcher.query<{ readonly waiting: number }>(
        "SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return rows[0]?.waiting ?? 0;
    },
    close: async () => {
      await Promise.all([other.end(), watcher.end()]);
      await Promise.all([database.drop(), generated.remove()]);
    },
  };
}
