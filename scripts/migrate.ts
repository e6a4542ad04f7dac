import { fileURLToPath } from 'node:url';
import { applyMigrations } from './support/migrate.js';

/*
 * `npm run migrate`: applies the migrations of the reference domain to the database that DATABASE_URL, or
 * DIRECT_DATABASE_URL where the first is a connection pooler's, points to.
 */
const url = process.env['DIRECT_DATABASE_URL'] || process.env['DATABASE_URL'];
if (!url) {
  console.error(
    'Set DATABASE_URL to the database that the migrations are for: postgresql://user:password@host:5432/name',
  );
  process.exit(1);
}

try {
  const { applied, alreadyApplied } = await applyMigrations(
    url,
    fileURLToPath(new URL('../prisma/migrations', import.meta.url)),
  );
  for (const name of applied) console.log(`applied ${name}`);
  console.log(`${applied.length} applied now, ${alreadyApplied} before.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
