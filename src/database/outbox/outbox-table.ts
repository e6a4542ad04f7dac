import { quoteIdentifier, quoteTableName } from '../patterns/identifiers.js';

/**
 * Where the outbox is unless it is said otherwise. A name that no role has: a schema that is called like the role comes first
 * in its search path, so that the tables of later migrations would land in it.
 */
export const DEFAULT_OUTBOX_SCHEMA = 'holdfast_outbox';

/** The outbox's quoted name. */
export function outboxTable(schema: string): string {
  return quoteTableName({ schema, name: 'outbox' });
}

/** The quoted name of the sequence that numbers what is in it, as PostgreSQL names it. */
export function outboxSequence(schema: string): string {
  return quoteTableName({ schema, name: 'outbox_id_seq' });
}

/**
 * SQL that makes the outbox where there is none.
 *
 * @param relayRoles roles that read it but do not own it
 */
export function createOutboxSql(schema: string, relayRoles: readonly string[]): string {
  const [quotedSchema, table] = [quoteIdentifier(schema), outboxTable(schema)];
  const grants = relayRoles.map(quoteIdentifier).map(
    // Locking a row asks for the right to update it.
    (role) => `
GRANT USAGE ON SCHEMA ${quotedSchema} TO ${role};
GRANT SELECT, UPDATE, DELETE ON TABLE ${table} TO ${role};
GRANT SELECT ON SEQUENCE ${outboxSequence(schema)} TO ${role};
`,
  );
  return `CREATE SCHEMA IF NOT EXISTS ${quotedSchema};

-- Changes that the caches have not been told of. "ids" is NULL where any row of the table may have changed.
CREATE TABLE IF NOT EXISTS ${table} (
    "id" BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "recorded_at" TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    "table_schema" TEXT NOT NULL,
    "table_name" TEXT NOT NULL,
    "ids" TEXT[]
);

-- A queue: every row is deleted soon after it came, so all that VACUUM finds is dead. It is to come by the number of dead
-- rows alone, since a share of a table that is empty or was once large says nothing, and to be done quickly, since those
-- who take the oldest rows must step over the dead ones before them. It does not give space back to the system: for that
-- it would lock out the writers whose triggers insert here.
ALTER TABLE ${table} SET (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_cost_delay = 0,
    vacuum_truncate = false,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 1000,
    toast.autovacuum_vacuum_cost_delay = 0,
    toast.vacuum_truncate = false
);
${grants.join('')}`;
}
