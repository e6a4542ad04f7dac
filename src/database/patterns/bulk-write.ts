import { InvalidArgumentError } from '../../errors.js';
import { BulkRun, type BulkWriter } from './bulk-run.js';
import type { BulkOptions, BulkResult } from './bulk-types.js';
import { cancellable } from './cancellable.js';
import { copyIn } from './copy-in.js';
import type { PatternContext } from './pattern-context.js';
import { assertWritable, CopyEncoder, columnsOf, type DataRow } from './row-encoder.js';
import type { RowSource } from './row-source.js';
import type { ColumnShape, TableShape } from './table-shape.js';
import { unnestWriter } from './unnest-writer.js';

/** Rows to store. */
export interface BulkCreateRequest extends BulkOptions {
  /** All with the columns of the first. */
  readonly rows: RowSource<object>;
  /** What becomes of a row that a unique index refuses. @default 'fail' */
  readonly onConflict?: 'fail' | 'skip';
}

/** Rows to change, each found by its key. */
export interface BulkUpdateRequest extends BulkOptions {
  /** Each with the key and what is to change, all with the columns of the first. */
  readonly rows: RowSource<object>;
  /** The columns that say which row is meant. @default the primary key */
  readonly key?: readonly string[];
}

/** Rows to store, or to change where they are there already. */
export interface BulkUpsertRequest extends BulkOptions {
  /** All with the columns of the first. */
  readonly rows: RowSource<object>;
  /** The columns of the unique index that says whether a row is there already. @default the primary key */
  readonly key?: readonly string[];
  /** What changes in a row that is there. @default every column given that is not of the key */
  readonly update?: readonly string[];
}

/** Rows to delete, by their keys. */
export interface BulkDeleteRequest extends BulkOptions {
  /** Objects with at least the columns of the key, or bare values where the key has one column. */
  readonly keys: RowSource<unknown>;
  /** The columns that say which rows are meant. @default the primary key */
  readonly key?: readonly string[];
}

const asRow = (item: object): DataRow => item as DataRow;

/**
 * Stores many rows, by COPY; by `unnest` where conflicts are skipped, which COPY cannot.
 *
 * @throws BulkWriteError when a chunk is refused; its cause says which value or constraint it was
 * @throws UnknownIdentifierError, InvalidArgumentError for requests that cannot be met
 */
export async function bulkCreate(context: PatternContext, request: BulkCreateRequest): Promise<BulkResult> {
  const shape = await context.catalog.describe(context.executor, request.table);
  if (request.onConflict === 'skip') {
    return new BulkRun<object, readonly string[]>(context.executor, request).run(
      request.rows,
      asRow,
      (first) => {
        const columns = writableColumns(shape, first);
        const insert = (source: string): string =>
          `${insertText(shape, columns, source)} ON CONFLICT DO NOTHING`;
        return unnestWriter(context.executor, columns, [], insert);
      },
    );
  }
  return new BulkRun<object, Uint8Array>(context.executor, request).run(request.rows, asRow, (first) =>
    copyWriter(context, shape, writableColumns(shape, first)),
  );
}

/**
 * Changes many rows, each by its key. Rows that are not there are passed over: `rowsWritten` tells how many were.
 *
 * @throws BulkWriteError, UnknownIdentifierError, InvalidArgumentError as `bulkCreate`
 */
export async function bulkUpdate(context: PatternContext, request: BulkUpdateRequest): Promise<BulkResult> {
  const shape = await context.catalog.describe(context.executor, request.table);
  const keys = keyColumns(shape, request.key);
  return new BulkRun<object, readonly string[]>(context.executor, request).run(
    request.rows,
    asRow,
    (first) => {
      const columns = columnsOf(shape, first);
      const changed = withoutKeys(columns, keys);
      if (changed.length === 0)
        throw new InvalidArgumentError('The rows hold nothing to change beside their key.');
      const set = changed.map(({ quoted }) => `${quoted} = source.${quoted}`).join(', ');
      return unnestWriter(
        context.executor,
        columns,
        keys,
        (source) => `UPDATE ${shape.quoted} AS target SET ${set} FROM ${source} WHERE ${matches(keys)}`,
      );
    },
  );
}

/**
 * Stores rows, or changes those that are there already, by INSERT ... ON CONFLICT.
 *
 * @throws BulkWriteError, UnknownIdentifierError, InvalidArgumentError as `bulkCreate`
 */
export async function bulkUpsert(context: PatternContext, request: BulkUpsertRequest): Promise<BulkResult> {
  const shape = await context.catalog.describe(context.executor, request.table);
  const keys = keyColumns(shape, request.key);
  const names = new Set(keys.map(({ name }) => name));
  const isIndexed = shape.uniqueIndexes.some(
    ({ columns }) => columns.length === names.size && columns.every((column) => names.has(column)),
  );
  if (!isIndexed) {
    throw new InvalidArgumentError(
      `No unique index of ${shape.quoted} is on ${[...names].join(', ')} alone.`,
      {
        context: { key: [...names], uniqueIndexes: shape.uniqueIndexes },
      },
    );
  }
  return new BulkRun<object, readonly string[]>(context.executor, request).run(
    request.rows,
    asRow,
    (first) => {
      const columns = columnsOf(shape, first);
      const given = withoutKeys(columns, keys);
      const changed = request.update === undefined ? given : shape.select(request.update);
      const set = changed.map(({ quoted }) => `${quoted} = excluded.${quoted}`).join(', ');
      const target = keys.map(({ quoted }) => quoted).join(', ');
      const action = set === '' ? 'NOTHING' : `UPDATE SET ${set}`;
      return unnestWriter(
        context.executor,
        columns,
        keys,
        (source) => `${insertText(shape, columns, source)} ON CONFLICT (${target}) DO ${action}`,
      );
    },
  );
}

/**
 * Deletes many rows by their keys. Keys that are not there are passed over: `rowsWritten` tells how many were.
 *
 * @throws BulkWriteError, UnknownIdentifierError, InvalidArgumentError as `bulkCreate`
 */
export async function bulkDelete(context: PatternContext, request: BulkDeleteRequest): Promise<BulkResult> {
  const shape = await context.catalog.describe(context.executor, request.table);
  const keys = keyColumns(shape, request.key);
  const [only] = keys;
  const isBare = (item: unknown): boolean =>
    typeof item !== 'object' || item === null || item instanceof Date || item instanceof Uint8Array;
  const toRow = (item: unknown): DataRow => {
    if (keys.length === 1 && only !== undefined && isBare(item)) return { [only.name]: item };
    const row = (item ?? {}) as DataRow;
    return Object.fromEntries(keys.map(({ name }) => [name, row[name]]));
  };
  return new BulkRun<unknown, readonly string[]>(context.executor, request).run(request.keys, toRow, () =>
    unnestWriter(
      context.executor,
      keys,
      [],
      (source) => `DELETE FROM ${shape.quoted} AS target USING ${source} WHERE ${matches(keys)}`,
    ),
  );
}

function writableColumns(shape: TableShape, first: DataRow): readonly ColumnShape[] {
  const columns = columnsOf(shape, first);
  assertWritable(columns);
  return columns;
}

function copyWriter(
  context: PatternContext,
  shape: TableShape,
  columns: readonly ColumnShape[],
): BulkWriter<Uint8Array> {
  const text = `COPY ${shape.quoted} (${columns.map(({ quoted }) => quoted).join(', ')}) FROM STDIN`;
  return {
    encoder: new CopyEncoder(columns),
    columns: columns.map(({ name }) => name),
    chunkRows: 10_000,
    write: (bytes, signal) =>
      context.executor.withClient((client) => cancellable(client, signal, () => copyIn(client, text, bytes))),
  };
}

function insertText(shape: TableShape, columns: readonly ColumnShape[], source: string): string {
  const names = columns.map(({ quoted }) => quoted).join(', ');
  return `INSERT INTO ${shape.quoted} (${names}) SELECT ${names} FROM ${source}`;
}

function matches(keys: readonly ColumnShape[]): string {
  return keys.map(({ quoted }) => `target.${quoted} = source.${quoted}`).join(' AND ');
}

/** @throws InvalidArgumentError when no key is named and the table has no primary key */
function keyColumns(shape: TableShape, key: readonly string[] | undefined): readonly ColumnShape[] {
  const names = key ?? shape.primaryKey?.columns ?? [];
  if (names.length > 0) return shape.select(names);
  throw new InvalidArgumentError(
    `${shape.quoted} has no primary key: name the columns that tell its rows apart.`,
  );
}

/** @throws InvalidArgumentError when a column of the key is missing */
function withoutKeys(columns: readonly ColumnShape[], keys: readonly ColumnShape[]): readonly ColumnShape[] {
  const missing = keys.find((key) => !columns.includes(key));
  if (missing !== undefined) {
    throw new InvalidArgumentError(`The rows lack "${missing.name}", which is part of their key.`, {
      context: { column: missing.name },
    });
  }
  return columns.filter((column) => !keys.includes(column));
}
