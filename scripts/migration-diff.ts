import { fileURLToPath } from 'node:url';
import { startPostgres } from './support/local-postgres.js';
import { applyMigrations } from './support/migrate.js';
import { SchemaEngine } from './support/schema-engine.js';

/*
 * `npm run migrate:diff`: prints the SQL that leads from the migrations to prisma/schema.prisma, which is the next
 * migration. The migrations run on a PostgreSQL of their own, so no database is needed and none is touched.
 */
const migrations = fileURLToPath(new URL('../prisma/migrations', import.meta.url));
const schema = fileURLToPath(new URL('../prisma/schema.prisma', import.meta.url));

const server = await startPostgres();
try {
  await applyMigrations(server.url, migrations);
  const engine = await SchemaEngine.open(server.url, schema);
  try {
    const sql = await engine.missingSql();
    console.log(sql === '' ? '-- The migrations lead to exactly what prisma/schema.prisma describes.' : sql);
  } finally {
    await engine.close();
  }
} finally {
  await server.stop();
}
