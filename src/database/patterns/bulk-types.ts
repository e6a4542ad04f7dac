import type { TableName } from './identifiers.js';

/** What became of one chunk. */
export interface ChunkResult {
  /** From 0. */
  readonly index: number;
  /** The first row of the chunk, counted from 0 over the whole input. */
  readonly from: number;
  /** The row after its last. */
  readonly to: number;
  /** Rows that the server stored, changed or deleted; 0 when it failed, since a chunk is written whole or not at all. */
  readonly rows: number;
  readonly durationMs: number;
  /** Why it failed; null when it did not. Its context has `row` and `column` where they are known. */
  readonly error: Error | null;
}

/** How far a bulk write has come. */
export interface BulkProgress {
  /** The chunk that has just ended. */
  readonly chunk: ChunkResult;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly rowsFailed: number;
  readonly elapsedMs: number;
}

/** What became of a bulk write. */
export interface BulkResult {
  readonly rowsRead: number;
  /** Rows that the server stored, changed or deleted. */
  readonly rowsWritten: number;
  /** Rows in chunks that failed. */
  readonly rowsFailed: number;
  readonly chunks: number;
  readonly failedChunks: number;
  /** The first 100 chunks that failed; `onProgress` sees them all. */
  readonly failures: readonly ChunkResult[];
  readonly durationMs: number;
}

/** What every bulk write takes: where the rows go, how they are cut into chunks, and who hears of progress. */
export interface BulkOptions {
  readonly table: string | TableName;
  /** @default 10000 by COPY, 2000 otherwise: beyond that the planner begins to read the whole table for each chunk */
  readonly chunkRows?: number;
  /** A chunk ends when its rows take this much, so that long values take no more memory. @default 4194304 */
  readonly chunkBytes?: number;
  /**
   * Whether to go on after a chunk whose data were refused. An error that other chunks would meet as well, such as a
   * lost connection, ends the write all the same. In a transaction each chunk gets a savepoint.
   * @default false
   */
  readonly continueOnError?: boolean;
  /** Whether no rows at all are fine, rather than a mistake. @default false */
  readonly allowEmpty?: boolean;
  /** Called after each chunk. What it throws ends the write. */
  readonly onProgress?: (progress: BulkProgress) => void;
  /** Ends the write before the next chunk; chunks that were written stay, unless a transaction is rolled back. */
  readonly signal?: AbortSignal;
}
