import { createHash } from 'node:crypto';
import { quoteIdentifier, quoteTableName } from '../patterns/identifiers.js';
import { isMarkable, markerStart } from './fenced-statements.js';
import type { InvalidatedTable } from './invalidated-table.js';
import { outboxTable } from './outbox-table.js';

/** More ids than these from one statement are not listed: the row would be large, and a new epoch is cheaper. */
const MAX_LISTED_IDS = 1_000;

/** The quoted name of the function that records the changes of a table. Tables of one name in two schemas have two. */
export function functionName({ table, schema }: InvalidatedTable, outboxSchema: string): string {
  const plain = schema === undefined && /^[a-z0-9_]{1,50}$/.test(table);
  const hash = createHash('sha256')
    .update(JSON.stringify([schema, table]))
    .digest('hex')
    .slice(0, 8);
  const readable = table.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, 40);
  const name = plain ? `record_${table}` : `record_${readable}_${hash}`;
  return quoteTableName({ schema: outboxSchema, name });
}

/** SQL that makes the function that the triggers of a table call. */
export function functionSql(table: InvalidatedTable, outboxSchema: string): string {
  const body = functionBody(table, outboxSchema);
  const quote = dollarQuote(body);
  // With the rights of its owner, since who writes to the table needs none on the outbox; so its names must mean what they
  // mean here. The other settings decide how values read as text, which must not depend on whose session it is.
  return `CREATE OR REPLACE FUNCTION ${functionName(table, outboxSchema)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
SET intervalstyle = 'postgres'
SET bytea_output = 'hex'
SET extra_float_digits = 1
AS ${quote}
${body}
${quote};
`;
}

function functionBody(table: InvalidatedTable, outboxSchema: string): string {
  const id = idExpression(table.idColumns);
  // Of a table without ids it only matters whether there was a row at all.
  const listed = table.idColumns.length === 0 ? 0 : MAX_LISTED_IDS;
  const idsOf = (rows: string) => `SELECT ${id} FROM ${rows} AS r LIMIT ${listed + 1}`;
  return `DECLARE
  sent CONSTANT text := current_query();
  fenced text[];
  changed text[];
BEGIN${fencedCheck(table, outboxSchema)}
  IF TG_OP = 'INSERT' THEN
    changed := ARRAY(${idsOf(NEW_ROWS)});
  ELSIF TG_OP = 'UPDATE' THEN
    changed := ARRAY((${idsOf(OLD_ROWS)}) UNION (${idsOf(NEW_ROWS)}));
  ELSIF TG_OP = 'DELETE' THEN
    changed := ARRAY(${idsOf(OLD_ROWS)});
  END IF;
  IF cardinality(changed) = 0 THEN
    RETURN NULL;
  ELSIF cardinality(changed) > ${listed} THEN
    changed := NULL;
  END IF;
  INSERT INTO ${outboxTable(outboxSchema)} (table_schema, table_name, ids)
  VALUES (TG_TABLE_SCHEMA, TG_TABLE_NAME, changed);
  RETURN NULL;
END`;
}

/** The names under which a trigger's function sees the rows before and after. */
export const OLD_ROWS = 'holdfast_old';
export const NEW_ROWS = 'holdfast_new';

/** Leaves out what a fenced write has announced by itself. */
function fencedCheck({ table, schema }: InvalidatedTable, outboxSchema: string): string {
  // A name with a point in it could be read as another table's with its schema.
  if (!isMarkable(outboxSchema) || !isMarkable(table) || `${schema ?? ''}${table}`.includes('.')) return '';
  const start = markerStart(outboxSchema);
  return `
  -- Depth 1 is the statement as it was sent, with its cascades: those the fences are for. Deeper is what triggers do.
  IF starts_with(sent, '${start}') AND pg_trigger_depth() = 1 THEN
    fenced := string_to_array(substr(sent, ${start.length + 1}, strpos(sent, '*/') - ${start.length + 1}), ',');
    IF TG_TABLE_NAME = ANY (fenced) OR TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME = ANY (fenced) THEN
      RETURN NULL;
    END IF;
  END IF;`;
}

function idExpression(idColumns: readonly string[]): string {
  const columns = idColumns.map((column) => `r.${quoteIdentifier(column)}::text`);
  if (columns.length === 0) return 'NULL::text';
  return columns.length === 1 ? columns.join() : `jsonb_build_array(${columns.join(', ')})::text`;
}

/** A quote that does not occur in the text, whatever the names in it are. */
function dollarQuote(text: string): string {
  let tag = 'holdfast';
  while (text.includes(`$${tag}$`)) tag += '_';
  return `$${tag}$`;
}
