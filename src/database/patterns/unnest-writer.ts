import type { SqlExecutor } from '../sql-executor.js';
import type { BulkWriter } from './bulk-run.js';
import { ArrayEncoder, type DataRow } from './row-encoder.js';
import type { ColumnShape } from './table-shape.js';
import { toText } from './values.js';

/**
 * A writer that sends each column of a chunk as one array, so a statement has as many parameters as columns, however
 * many rows.
 *
 * @param keys columns that tell rows apart: rows with the same key go into chunks one after the other, so that the
 *   later one wins as if each had been written alone
 * @param statement makes the statement from its source, which has the columns under their own names
 */
export function unnestWriter(
  executor: SqlExecutor,
  columns: readonly ColumnShape[],
  keys: readonly ColumnShape[],
  statement: (source: string) => string,
): BulkWriter<readonly string[]> {
  const text = statement(`(${sourceOf(columns)}) AS source`);
  const encoder = new ArrayEncoder(columns);
  const seen = new Set<string>();
  return {
    encoder: {
      get bytes() {
        return encoder.bytes;
      },
      add(row) {
        encoder.add(row);
        if (keys.length > 0) seen.add(keyOf(row, keys));
      },
      take() {
        seen.clear();
        return encoder.take();
      },
    },
    columns: columns.map(({ name }) => name),
    chunkRows: 2_000,
    repeats: (row) => seen.size > 0 && seen.has(keyOf(row, keys)),
    write: (arrays, signal) => executor.execute(text, arrays, signal === undefined ? {} : { signal }),
  };
}

function sourceOf(columns: readonly ColumnShape[]): string {
  const names = columns.map(({ quoted }) => quoted).join(', ');
  // unnest flattens arrays of arrays, so an array travels as its literal and becomes an array behind it.
  const arrays = columns.map(
    ({ category, type }, index) => `$${index + 1}::${category === 'A' ? 'text' : type}[]`,
  );
  const values = columns.map(({ quoted, category, type }) =>
    category === 'A' ? `${quoted}::${type} AS ${quoted}` : quoted,
  );
  return `SELECT ${values.join(', ')} FROM unnest(${arrays.join(', ')}) AS chunk (${names})`;
}

/** Two values for the same key in other spellings (1 and 1.0) count as two; the server then decides. */
function keyOf(row: DataRow, keys: readonly ColumnShape[]): string {
  const [only] = keys;
  const one = (key: ColumnShape): string | null =>
    row[key.name] === undefined ? null : toText(row[key.name], key);
  return keys.length === 1 && only !== undefined ? String(one(only)) : JSON.stringify(keys.map(one));
}
