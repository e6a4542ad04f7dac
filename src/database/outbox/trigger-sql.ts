import { quoteIdentifier, quoteTableName } from '../patterns/identifiers.js';
import type { InvalidatedTable } from './invalidated-table.js';
import { createOutboxSql, DEFAULT_OUTBOX_SCHEMA } from './outbox-table.js';
import { functionName, functionSql, NEW_ROWS, OLD_ROWS } from './trigger-function.js';

/** Where the outbox is, and who reads it. */
export interface InvalidationTriggerOptions {
  /**
   * A schema of its own, so that Prisma, which looks after the others, lets it be; not called like a role, in whose search
   * path it would come first.
   *
   * @default 'holdfast_outbox'
   */
  readonly outboxSchema?: string;
  /**
   * Roles that applications with holdfast connect as, where those do not own the outbox. Who only writes to the tables
   * needs no right on it.
   *
   * @default none
   */
  readonly relayRoles?: readonly string[];
}

/**
 * SQL for a migration, by which every change of these tables is recorded in an outbox, in the transaction that makes it,
 * unless it was made by a repository whose fences stood. It can be run again, with other tables or other columns, and
 * should be when the columns of an id are renamed: until then, writes to the table fail. For PostgreSQL 14 and above; run
 * by who owns the tables.
 *
 * One row is recorded for each table and each kind of change that a statement makes: two for an upsert that inserts and
 * updates. An id is text: the value as PostgreSQL writes it (in UTC, ISO dates, hexadecimal bytes), or, of several
 * columns, such texts as a JSON array. No ids mean any row of the table: after TRUNCATE, or of more than 1,000 ids.
 *
 * Partitioned tables are seen when they are changed through their parent. Not seen are: changes made to a partition by its
 * own name, or to a child table by its own; views and foreign tables, and what changes behind them; statements under
 * `session_replication_role = replica`, among them what a subscription applies; statements while the triggers are
 * disabled; `ALTER TABLE` that computes values anew, and attaching or detaching partitions. A rule (`CREATE RULE`) counts as
 * part of the statement that it rewrites.
 *
 * @throws InvalidArgumentError when something can be no name: empty, over 63 bytes, or with a null byte
 */
export function installInvalidationTriggers(
  tables: readonly InvalidatedTable[],
  options: InvalidationTriggerOptions = {},
): string {
  const { outboxSchema = DEFAULT_OUTBOX_SCHEMA, relayRoles = [] } = options;
  const parts = tables.map(
    (table) => `${functionSql(table, outboxSchema)}\n${triggersSql(table, outboxSchema)}`,
  );
  return [
    '-- Made by installInvalidationTriggers of holdfast. Can be run again, also with other tables.\n',
    createOutboxSql(outboxSchema, relayRoles),
    ...parts,
  ].join('\n');
}

/**
 * SQL that takes the triggers from these tables. The outbox stays, with what is in it; once no table has triggers, its
 * schema can be dropped.
 *
 * @throws InvalidArgumentError when something can be no name
 */
export function uninstallInvalidationTriggers(
  tables: readonly InvalidatedTable[],
  options: InvalidationTriggerOptions = {},
): string {
  const { outboxSchema = DEFAULT_OUTBOX_SCHEMA } = options;
  return tables
    .map((table) =>
      [
        ...EVENTS.map(
          ({ event }) =>
            `DROP TRIGGER IF EXISTS ${triggerName(event, outboxSchema)} ON ${targetOf(table)};\n`,
        ),
        `DROP FUNCTION IF EXISTS ${functionName(table, outboxSchema)}();\n`,
      ].join(''),
    )
    .join('\n');
}

/** Four triggers, since one that sees the changed rows may be for one event only. */
const EVENTS = [
  { event: 'INSERT', rows: `REFERENCING NEW TABLE AS ${NEW_ROWS}` },
  { event: 'UPDATE', rows: `REFERENCING OLD TABLE AS ${OLD_ROWS} NEW TABLE AS ${NEW_ROWS}` },
  { event: 'DELETE', rows: `REFERENCING OLD TABLE AS ${OLD_ROWS}` },
  { event: 'TRUNCATE', rows: null },
] as const;

function triggersSql(table: InvalidatedTable, outboxSchema: string): string {
  return EVENTS.map(({ event, rows }) =>
    [
      `CREATE OR REPLACE TRIGGER ${triggerName(event, outboxSchema)} AFTER ${event} ON ${targetOf(table)}`,
      ...(rows === null ? [] : [`    ${rows}`]),
      `    FOR EACH STATEMENT EXECUTE FUNCTION ${functionName(table, outboxSchema)}();\n`,
    ].join('\n'),
  ).join('');
}

/** Bears the outbox's name, since a table may have triggers of two. */
function triggerName(event: string, outboxSchema: string): string {
  const suffix = `_${event.toLowerCase()}`;
  const LONGEST_SCHEMA = 63 - '_truncate'.length;
  // What is cut off tells nothing apart: two such long names that begin alike are not to be expected.
  return quoteIdentifier(`${cutToBytes(outboxSchema, LONGEST_SCHEMA)}${suffix}`);
}

function cutToBytes(text: string, bytes: number): string {
  let cut = text;
  while (Buffer.byteLength(cut) > bytes) cut = cut.slice(0, -1);
  return cut;
}

function targetOf({ table, schema }: InvalidatedTable): string {
  return quoteTableName({ name: table, ...(schema !== undefined && { schema }) });
}
