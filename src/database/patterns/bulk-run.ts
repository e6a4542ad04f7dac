import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { HoldfastError, InvalidArgumentError } from '../../errors.js';
import type { SqlExecutor } from '../sql-executor.js';
import type { BulkOptions, BulkResult, ChunkResult } from './bulk-types.js';
import { BulkWriteError } from './errors.js';
import { wholeNumber } from './limits.js';
import type { ChunkEncoder, DataRow } from './row-encoder.js';
import { type RowSource, rowBatches } from './row-source.js';
import { inSavepoint, isInTransaction } from './savepoint.js';
import { isDataError, positionOf, toArgumentError } from './server-errors.js';

/** One kind of bulk write, ready for rows like the first. */
export interface BulkWriter<Chunk> {
  readonly encoder: ChunkEncoder<Chunk>;
  /** The column of each parameter of the statement, for its errors. */
  readonly columns: readonly string[];
  /** How many rows a chunk has when nobody says. */
  readonly chunkRows: number;
  /** Whether the row must not be in one statement with those added since the last `take`: it has the key of one. */
  repeats?(row: DataRow): boolean;
  /** Writes a chunk and gives the number of rows it touched. */
  write(chunk: Chunk, signal: AbortSignal | undefined): Promise<number>;
}

const MAX_FAILURES_KEPT = 100;

/**
 * Reads rows, writes them in chunks, and keeps the account. While the server works on a chunk the next one is made;
 * no more than these two are in memory.
 */
export class BulkRun<Row, Chunk> {
  readonly #executor: SqlExecutor;
  readonly #options: BulkOptions;
  readonly #chunkRows: number | undefined;
  readonly #chunkBytes: number;
  readonly #startedAt = performance.now();
  readonly #failures: ChunkResult[] = [];
  #writer: BulkWriter<Chunk> | null = null;
  #savepoints = false;
  /** The chunk being made. */
  #from = 0;
  #fault: unknown = null;
  /** The chunk being written: never rejects. */
  #inFlight: Promise<ChunkResult | null> = Promise.resolve(null);
  #rowsRead = 0;
  #rowsWritten = 0;
  #rowsFailed = 0;
  #chunks = 0;
  #failedChunks = 0;

  /** @throws InvalidArgumentError when an option cannot be used */
  constructor(executor: SqlExecutor, options: BulkOptions) {
    this.#executor = executor;
    this.#options = options;
    const { chunkRows } = options;
    if (chunkRows !== undefined) wholeNumber('chunkRows', chunkRows, { fallback: 1, min: 1, max: 1_000_000 });
    this.#chunkRows = chunkRows;
    this.#chunkBytes = wholeNumber('chunkBytes', options.chunkBytes, {
      fallback: 4 * 1_048_576,
      min: 1,
      max: 256 * 1_048_576,
    });
  }

  /**
   * @param toRow gives an item of the source as a row
   * @param writerFor makes the writer when the first row is seen
   */
  async run(
    source: RowSource<Row>,
    toRow: (item: Row) => DataRow,
    writerFor: (first: DataRow) => BulkWriter<Chunk>,
  ): Promise<BulkResult> {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    if (this.#options.continueOnError === true) this.#savepoints = await isInTransaction(this.#executor);
    try {
      for await (const batch of rowBatches(source)) {
        signal?.throwIfAborted();
        for (const item of batch) {
          const row = toRow(item);
          this.#writer ??= writerFor(row);
          if (this.#isFull(this.#writer, row)) await this.#send(this.#writer);
          this.#add(this.#writer, row);
        }
      }
      if (this.#writer !== null) await this.#send(this.#writer);
      await this.#settle();
    } finally {
      // Whatever ended the write, no statement of it runs on behind the caller's back.
      await this.#inFlight;
    }
    if (this.#rowsRead === 0 && this.#options.allowEmpty !== true) {
      throw new InvalidArgumentError('There are no rows to write. Pass allowEmpty where that is no mistake.');
    }
    return Object.freeze({
      rowsRead: this.#rowsRead,
      rowsWritten: this.#rowsWritten,
      rowsFailed: this.#rowsFailed,
      chunks: this.#chunks,
      failedChunks: this.#failedChunks,
      failures: Object.freeze([...this.#failures]),
      durationMs: performance.now() - this.#startedAt,
    });
  }

  #isFull(writer: BulkWriter<Chunk>, row: DataRow): boolean {
    const rows = this.#rowsRead - this.#from;
    if (rows === 0) return false;
    return (
      rows >= (this.#chunkRows ?? writer.chunkRows) ||
      writer.encoder.bytes >= this.#chunkBytes ||
      writer.repeats?.(row) === true
    );
  }

  #add(writer: BulkWriter<Chunk>, row: DataRow): void {
    const index = this.#rowsRead;
    this.#rowsRead += 1;
    if (this.#fault !== null) return;
    try {
      writer.encoder.add(row);
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      this.#fault = new InvalidArgumentError(`Row ${index}: ${error.message}`, {
        context: { ...error.context, row: index },
        cause: error,
      });
    }
  }

  async #send(writer: BulkWriter<Chunk>): Promise<void> {
    const { signal } = this.#options;
    const [from, to, fault] = [this.#from, this.#rowsRead, this.#fault];
    const chunk = writer.encoder.take();
    this.#from = to;
    this.#fault = null;
    await this.#settle();
    signal?.throwIfAborted();
    this.#inFlight = this.#write(writer, chunk, { from, to, fault });
    // The statement leaves the process only when this one lets go of the thread.
    await setImmediate();
  }

  async #write(
    writer: BulkWriter<Chunk>,
    chunk: Chunk,
    { from, to, fault }: { readonly from: number; readonly to: number; readonly fault: unknown },
  ): Promise<ChunkResult> {
    const startedAt = performance.now();
    const index = this.#chunks;
    this.#chunks += 1;
    let rows = 0;
    let error: Error | null = null;
    try {
      if (fault !== null) throw fault;
      const write = (): Promise<number> => writer.write(chunk, this.#options.signal);
      rows = await (this.#savepoints ? inSavepoint(this.#executor, write) : write());
    } catch (caught) {
      error = describe(caught, from, writer.columns);
    }
    return Object.freeze({ index, from, to, rows, durationMs: performance.now() - startedAt, error });
  }

  /** Waits for the chunk being written, and takes it into the account. */
  async #settle(): Promise<void> {
    const chunk = await this.#inFlight;
    this.#inFlight = Promise.resolve(null);
    if (chunk === null) return;
    this.#rowsWritten += chunk.rows;
    if (chunk.error !== null) {
      this.#rowsFailed += chunk.to - chunk.from;
      this.#failedChunks += 1;
      if (this.#failures.length < MAX_FAILURES_KEPT) this.#failures.push(chunk);
    }
    this.#options.onProgress?.({
      chunk,
      rowsRead: this.#rowsRead,
      rowsWritten: this.#rowsWritten,
      rowsFailed: this.#rowsFailed,
      elapsedMs: performance.now() - this.#startedAt,
    });
    if (chunk.error === null) return;
    this.#options.signal?.throwIfAborted();
    if (this.#options.continueOnError === true && isDataError(chunk.error)) return;
    const { from, to, index, error } = chunk;
    throw new BulkWriteError(
      `Chunk ${index}, rows ${from} to ${to - 1}, was refused after ${this.#rowsWritten} rows were written: ` +
        `${error.message}`,
      { context: { chunk: index, from, to, rowsWritten: this.#rowsWritten }, cause: error },
    );
  }
}

/** The error with the row and the column it lies in, as far as they can be told. */
function describe(caught: unknown, from: number, columns: readonly string[]): Error {
  const error = toArgumentError(caught, columns);
  const { line } = positionOf(caught);
  if (error instanceof InvalidArgumentError && line !== undefined) {
    const row = from + line - 1;
    return new InvalidArgumentError(`Row ${row}: ${error.message}`, {
      context: { ...error.context, row },
      cause: error.cause,
    });
  }
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}
