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
  if (options.after !== undefined) await other.query(options.after);
  const loaded = await generated.load();
  return {
    url: database.url,
    metadata: metadataFromDmmf(generated.dmmf),
    PrismaClient: loaded['PrismaClient'] as PrismaClientClass<PrismaClientLike>,
    prisma: loaded['Prisma'] as Readonly<Record<string, unknown>>,
    sql: async (text, values = []) => (await other.query<Record<string, unknown>>(text, [...values])).rows,
    close: async () => {
      await other.end();
      await Promise.all([database.drop(), generated.remove()]);
    },
  };
}
