import { INTERNAL } from '../query-log/internal-statements.js';
import { outboxSequence, outboxTable } from './outbox-table.js';

// Who inserts holds this lock until the transaction ends. Relays hold it too, which does no harm.
const HOLDERS = `
FROM pg_locks
WHERE locktype = 'relation' AND relation = $1::regclass AND mode = 'RowExclusiveLock' AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
// One that is prepared for a two-phase commit has another id from then on.
const SAME_WRITER = "(virtualtransaction = ANY ($2) OR virtualtransaction LIKE '-1/%')";

/** The SQL of one outbox. Conditions give one row with one column, `holds`. */
export class OutboxStatements {
  /** The outbox's quoted name, as the statements below that ask for it take it. */
  readonly table: string;
  /** With the table. */
  readonly isInstalled = `${INTERNAL}SELECT to_regclass($1) IS NOT NULL AS holds`;
  readonly isWaiting: string;
  /** With the largest id that counts. */
  readonly isWaitingUpTo: string;
  /** With the most rows to take; gives `OutboxChange`s. */
  readonly take: string;
  /** One row: the `id` that was given out last. */
  readonly lastId: string;
  /** With the table: the `id` of each virtual transaction that may have recorded something and has not ended. */
  readonly writers = `${INTERNAL}SELECT DISTINCT virtualtransaction AS id ${HOLDERS}`;
  /** With the table and the ids of virtual transactions: whether one of them has not ended. */
  readonly isWriting = `${INTERNAL}SELECT EXISTS (SELECT ${HOLDERS} AND ${SAME_WRITER}) AS holds`;

  constructor(schema: string) {
    const table = outboxTable(schema);
    this.table = table;
    // By the order of the key, so that its index answers: the table itself may have many pages and nothing in them.
    this.isWaiting = `${INTERNAL}SELECT (SELECT true FROM ${table} ORDER BY id LIMIT 1) IS NOT NULL AS holds`;
    this.isWaitingUpTo = `${INTERNAL}SELECT (SELECT true FROM ${table} WHERE id <= $1 ORDER BY id LIMIT 1) IS NOT NULL AS holds`;
    // An array, since a subquery that is joined may be run more than once, and lock other rows each time.
    this.take = `
WITH taken AS (
  DELETE FROM ${table} WHERE id = ANY (ARRAY(
    SELECT id FROM ${table} ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
  RETURNING id, table_schema, table_name, ids)
SELECT table_schema AS schema, table_name AS "table", ids FROM taken ORDER BY id`;
    // Not by pg_sequence_last_value: newer versions answer NULL, not an error, to who may not look.
    this.lastId = `${INTERNAL}SELECT (CASE WHEN is_called THEN last_value ELSE 0 END)::text AS id FROM ${outboxSequence(schema)}`;
  }
}
