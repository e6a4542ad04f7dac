import type { Client } from 'pg';

/** The moment at which the ids of the seeded users begin, in milliseconds: 2026-01-01. */
const FIRST_MS = Date.UTC(2026, 0, 1);

/**
 * The id of the seeded user at an index: a UUID of version 7 as Prisma makes them, one millisecond after the one before.
 * By the index alone, so that every process knows all of them.
 */
export function userId(index: number): string {
  const time = (FIRST_MS + index).toString(16).padStart(12, '0');
  const tail = index.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`;
}

/** The same in SQL, of the index `n`. */
const ID_SQL = `(substr(time, 1, 8) || '-' || substr(time, 9) || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;

const SEED_SQL = `
INSERT INTO users (id, github_id, email, username, name, avatar_url, created_at, updated_at)
SELECT ${ID_SQL}, n::text, 'user' || n || '@example.test', 'user' || n, 'User Number ' || n,
       'https://avatars.example.test/u/' || n || '?v=4', at, at
FROM generate_series($1::bigint, $2::bigint) AS n,
     LATERAL (SELECT lpad(to_hex(${FIRST_MS} + n), 12, '0') AS time,
                     to_timestamp((${FIRST_MS} + n) / 1000.0) AS at) AS made`;

/** Adds users until there are `count`, with the indexes from 0, and has the planner know of them. */
export async function seedUsers(client: Client, there: number, count: number): Promise<void> {
  if (count <= there) return;
  await client.query(SEED_SQL, [there, count - 1]);
  await client.query('VACUUM (ANALYZE) users');
}
