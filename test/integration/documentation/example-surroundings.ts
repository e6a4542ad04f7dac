import type { ExampleSurroundings } from '../../../scripts/docs/execute-pages.js';
import { SchemaEngine } from '../../../scripts/support/schema-engine.js';
import { createDatabase, sharedRedis } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';

/** Databases and key prefixes on the servers of the test run. */
export const exampleSurroundings: ExampleSurroundings = {
  redis: sharedRedis,
  createDatabase: async (schemaFile) => {
    const database = await createDatabase({ migrated: schemaFile === null });
    if (schemaFile !== null) await createTables(database.url, schemaFile);
    return database;
  },
};

async function createTables(url: string, schemaFile: string): Promise<void> {
  const engine = await SchemaEngine.open(url, schemaFile);
  try {
    await runSql(url, await engine.completeSql());
  } finally {
    await engine.close();
  }
}
