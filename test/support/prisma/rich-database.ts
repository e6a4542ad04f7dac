import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { Client } from 'pg';
import { SchemaEngine } from '../../../scripts/support/schema-engine.js';
import type { SchemaMetadata } from '../../../src/database/index.js';
import { metadataFromDmmf } from '../../../src/generator/metadata-from-dmmf.js';
import { createDatabase } from '../servers.js';
import { type GeneratedClient, generateClient } from './generated-client.js';
import { type ObservedChange, observeChanges, takeChanges } from './observed-changes.js';

const SCHEMA = fileURLToPath(new URL('rich.prisma', import.meta.url));
const WORLD = fileURLToPath(new URL('rich-world.sql', import.meta.url));

/** A delegate of a client that no compiler has seen. */
export type Delegate = Readonly<Record<string, (args: unknown) => Promise<unknown>>>;

/** A Prisma client as far as it is used here. */
export interface LooseClient {
  $disconnect(): Promise<void>;
  $on(event: 'query', listener: (event: { readonly query: string }) => void): void;
  readonly [delegate: string]: unknown;
}

/** A database with the tables of rich.prisma, a client for it, and an observer of every row that changes. */
export interface RichDatabase {
  readonly metadata: SchemaMetadata;
  readonly client: LooseClient;
  /** What the generated module exports as `Prisma`. */
  readonly prisma: Readonly<Record<string, unknown>>;
  /** The SQL that made the tables. */
  readonly sql: string;
  delegate(model: string): Delegate;
  /** Makes the rows what rich-world.sql says. */
  reset(): Promise<void>;
  /** The rows that changed since the last call or reset. */
  changes(): Promise<readonly ObservedChange[]>;
  /** The SQL that Prisma sent since the last call. */
  statements(): readonly string[];
  close(): Promise<void>;
}

/** The schema alone, without a client and without a database. */
export async function richSchema(options?: { readonly client: boolean }): Promise<GeneratedClient> {
  return generateClient(await readFile(SCHEMA, 'utf8'), options);
}

/** About 2.5 s, most of it for `prisma generate`. */
export async function openRichDatabase(): Promise<RichDatabase> {
  const generated = await richSchema();
  const database = await createDatabase({ migrated: false });
  const engine = await SchemaEngine.open(database.url, generated.schemaFile);
  const sql = await engine.completeSql();
  await engine.close();
  const observer = new Client({ connectionString: database.url });
  await observer.connect();
  await observer.query(sql);
  await observeChanges(observer, ['left', 'right']);
  const world = await readFile(WORLD, 'utf8');
  const loaded = await generated.load();
  const PrismaClient = loaded['PrismaClient'] as new (options: object) => LooseClient;
  const client = new PrismaClient({
    adapter: new PrismaPg({ connectionString: database.url, max: 2 }),
    log: [{ emit: 'event', level: 'query' }],
  });
  let statements: string[] = [];
  client.$on('query', ({ query }) => statements.push(query));
  return {
    metadata: metadataFromDmmf(generated.dmmf),
    client,
    prisma: loaded['Prisma'] as Readonly<Record<string, unknown>>,
    sql,
    delegate: (model) => client[model.charAt(0).toLowerCase() + model.slice(1)] as Delegate,
    reset: async () => {
      await observer.query(world);
      await takeChanges(observer);
    },
    changes: () => takeChanges(observer),
    statements: () => {
      const taken = statements;
      statements = [];
      return taken;
    },
    close: async () => {
      await client.$disconnect();
      await observer.end();
      await Promise.all([database.drop(), generated.remove()]);
    },
  };
}
