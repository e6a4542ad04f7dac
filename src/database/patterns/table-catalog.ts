import type { SqlExecutor } from '../sql-executor.js';
import { UnknownIdentifierError } from './errors.js';
import { parseTableName, quoteIdentifier, quoteTableName, type TableName } from './identifiers.js';
import { type ColumnShape, type SearchIndex, TableShape, type UniqueIndex } from './table-shape.js';

interface CatalogRow {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Omit<ColumnShape, 'quoted'>[] | null;
  readonly uniqueIndexes: readonly UniqueIndex[] | null;
  readonly searchIndexes: readonly SearchIndex[] | null;
}

// indnullsnotdistinct exists from PostgreSQL 15 on, hence the way through jsonb. An exclusion of included columns is
// by indnkeyatts. format_type with -1 gives a name without length: with NULL, char(9) would read as char(1).
const DESCRIBE = `
SELECT n.nspname AS schema, c.relname AS name,
  (SELECT jsonb_agg(jsonb_build_object(
      'name', a.attname, 'type', format_type(a.atttypid, -1),
      'baseType', coalesce(b.typname, t.typname), 'category', t.typcategory,
      'notNull', a.attnotnull, 'generated', a.attgenerated <> '' OR a.attidentity = 'a') ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  (SELECT jsonb_agg(jsonb_build_object(
      'name', ic.relname, 'primary', i.indisprimary,
      'nullsNotDistinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
      'columns', (SELECT jsonb_agg(a.attname ORDER BY k.position)
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
        WHERE k.position <= i.indnkeyatts)) ORDER BY i.indisprimary DESC, ic.relname)
    FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
      AND i.indpred IS NULL AND i.indexprs IS NULL) AS "uniqueIndexes",
  (SELECT jsonb_agg(jsonb_build_object(
      'name', ic.relname,
      'keys', (SELECT jsonb_agg(jsonb_build_object(
          'column', a.attname, 'expression', pg_get_indexdef(i.indexrelid, k.position::int, true),
          'operatorClass', o.opcname, 'operatorSchema', os.nspname) ORDER BY k.position)
        FROM unnest(i.indkey::int2[], i.indclass::oid[]) WITH ORDINALITY AS k (attnum, class, position)
        JOIN pg_opclass o ON o.oid = k.class JOIN pg_namespace os ON os.oid = o.opcnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum AND k.attnum > 0)) ORDER BY ic.relname)
    FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am am ON am.oid = ic.relam
    WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL
      AND am.amname IN ('gin', 'gist')) AS "searchIndexes"
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = to_regclass($1::text) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;

const LIST = `
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND has_schema_privilege(n.oid, 'USAGE')
ORDER BY 1 LIMIT 100`;

/**
 * What is known of the tables: names, types, nullability and indexes, asked of the server once per table. What comes
 * from outside is looked up here before it gets into a statement.
 */
export class TableCatalog {
  readonly #shapes = new Map<string, TableShape>();

  /**
   * The table with this name: one statement the first time, none after.
   *
   * @throws UnknownIdentifierError when there is none; its context lists up to 100 that there are
   * @throws InvalidArgumentError when it cannot be a table's name
   */
  async describe(executor: SqlExecutor, table: string | TableName): Promise<TableShape> {
    const quoted = quoteTableName(parseTableName(table));
    const known = this.#shapes.get(quoted);
    if (known !== undefined) return known;
    const [row] = await executor.query<CatalogRow>(DESCRIBE, [quoted]);
    if (row === undefined) {
      const tables = await executor.query<{ readonly name: string }>(LIST);
      throw new UnknownIdentifierError(
        'table',
        quoted,
        tables.map(({ name }) => name),
      );
    }
    const shape = shapeOf(row);
    this.#shapes.set(quoted, shape);
    return shape;
  }

  /** Forgets what was looked up, after a migration. */
  forget(): void {
    this.#shapes.clear();
  }
}

function shapeOf(row: CatalogRow): TableShape {
  return new TableShape({
    schema: row.schema,
    name: row.name,
    columns: (row.columns ?? []).map((column) => ({ ...column, quoted: quoteIdentifier(column.name) })),
    uniqueIndexes: row.uniqueIndexes ?? [],
    searchIndexes: row.searchIndexes ?? [],
  });
}
