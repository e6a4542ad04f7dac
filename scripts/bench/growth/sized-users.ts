import { Client } from 'pg';
import { userId } from '../users.js';
import { type GrowthStep, keysOf } from './points.js';

/** Digits by chance: half of their bytes can be compressed away, as of much text. */
const SQL = `
UPDATE users
SET avatar_url = left((SELECT string_agg(md5(users.id::text || n), '') FROM generate_series(1, 1 + $2::int / 32) AS n), $2::int)
WHERE id = ANY($1::uuid[])`;

/** Gives the users of these steps texts of the steps' sizes. */
export async function sizeUsers(databaseUrl: string, steps: readonly GrowthStep[]): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // Without the triggers that tell caches: there are none yet.
    await client.query('SET session_replication_role = replica');
    for (const step of steps) {
      if (step.dimension !== 'bytes') continue;
      const { first, count } = keysOf(step);
      const ids = Array.from({ length: count }, (_, place) => userId(first + place));
      await client.query(SQL, [ids, step.value]);
    }
    await client.query('VACUUM (ANALYZE) users');
  } finally {
    await client.end();
  }
}
