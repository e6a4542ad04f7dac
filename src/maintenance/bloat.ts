import type { MaintenanceSession } from './session.js';

/**
 * What a table would take if its rows were packed, beside what it takes; both as of its last VACUUM or ANALYZE, which
 * keep `reltuples`, `relpages` and the widths in step. A row is its header of 23 bytes with the bitmap of nulls, padded
 * to 8, its columns at their average width, padded to 8 together, and a line pointer of 4; a page has a header of 24
 * (https://www.postgresql.org/docs/18/storage-page-layout.html). Padding between columns is not counted, so it is an
 * estimate, too high by some per cent for tables of many small columns; `pgstattuple` measures. Null where a column has
 * no statistics that this role may see. Takes no lock.
 */
const BLOAT_SQL = `
SELECT c.oid::int8::float8                               AS "oid",
       CASE WHEN c.reltuples > 0 AND w.columns = w.known THEN
         greatest(0, c.relpages - ceil(
           c.reltuples * (4 + ceil((23 + CASE WHEN w.nullable THEN (w.columns + 7) / 8 ELSE 0 END) / 8.0) * 8
                            + ceil(w.width / 8.0) * 8)
           / ((current_setting('block_size')::int - 24)
              * coalesce(substring(array_to_string(c.reloptions, ' ') FROM 'fillfactor=([0-9]+)')::int, 100) / 100.0)
         )) * current_setting('block_size')::int
       END::float8                                       AS "bloatBytes"
FROM   pg_class c
JOIN   pg_namespace n ON n.oid = c.relnamespace
CROSS  JOIN LATERAL (
  SELECT count(*)                                        AS columns,
         count(s.attname)                                AS known,
         sum((1 - s.null_frac) * s.avg_width)            AS width,
         bool_or(s.null_frac > 0)                        AS nullable
  FROM   pg_attribute a
  LEFT   JOIN pg_stats s
         ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND NOT s.inherited
  WHERE  a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
) w
WHERE  c.oid = ANY ($1::float8[]::int8[]::oid[])
AND    c.relkind IN ('r', 'm')`;

interface BloatRow {
  readonly oid: number;
  readonly bloatBytes: number | null;
}

/** The estimated bloat in bytes by oid. */
export async function readBloat(
  session: MaintenanceSession,
  oids: readonly number[],
): Promise<ReadonlyMap<number, number | null>> {
  const rows = await session.query<BloatRow>(BLOAT_SQL, [oids]);
  return new Map(rows.map(({ oid, bloatBytes }) => [oid, bloatBytes]));
}
