import { defineConfig } from 'prisma/config';

/**
 * The Prisma CLI looks for its schema engine before every command, and downloads it where it is missing; `generate`
 * and `validate` never run it. A stand-in that exists lets both work without a network. It must stay limited to these
 * two: with a stand-in, `migrate deploy` and `migrate diff` exit with 0 and do nothing.
 */
const needsNoSchemaEngine = process.argv.some(
  (argument) => argument === 'generate' || argument === 'validate',
);
if (needsNoSchemaEngine) process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

const databaseUrl = process.env['DATABASE_URL'];

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(databaseUrl ? { datasource: { url: databaseUrl } } : {}),
});
