import type { Client } from 'pg';

/** One row that PostgreSQL inserted, updated or deleted, whoever asked it to. */
export interface ObservedChange {
  /** `schema.table` */
  readonly table: string;
  readonly operation: 'INSERT' | 'UPDATE' | 'DELETE';
  /** By column; null for a row that was not there. */
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

/**
 * Puts a trigger on every table of these PostgreSQL schemas, which notes each row that changes. Cascades are statements
 * like any other to PostgreSQL, so they are noted too; what is rolled back is not.
 */
export async function observeChanges(client: Client, schemas: readonly string[]): Promise<void> {
  await client.query(`
    CREATE SCHEMA observed;
    CREATE TABLE observed.changes (
      number bigserial, "table" text, operation text, before jsonb, after jsonb
    );
    CREATE FUNCTION observed.note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO observed.changes ("table", operation, before, after)
      VALUES (TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, TG_OP,
              CASE TG_OP WHEN 'INSERT' THEN NULL ELSE to_jsonb(OLD) END,
              CASE TG_OP WHEN 'DELETE' THEN NULL ELSE to_jsonb(NEW) END);
      RETURN NULL;
    END $$;`);
  const tables = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = ANY($1)`,
    [schemas],
  );
  for (const { name } of tables.rows) {
    await client.query(
      `CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION observed.note()`,
    );
  }
}

/** The changes since the last call, and forgets them. */
export async function takeChanges(client: Client): Promise<readonly ObservedChange[]> {
  const { rows } = await client.query<ObservedChange>(
    'SELECT "table", operation, before, after FROM observed.changes ORDER BY number',
  );
  await client.query('TRUNCATE observed.changes');
  return rows;
}
