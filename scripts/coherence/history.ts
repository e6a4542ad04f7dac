/**
 * What one process did, as columns of numbers: hundreds of thousands of operations travel between processes and are
 * sorted by the judge. Times are of the machine's monotonic clock, which all its processes share, in nanoseconds.
 */
export interface History {
  readonly reads: Columns;
  /** Writes that were acknowledged. */
  readonly writes: Columns;
  /** Reads that the cache answered. */
  readonly hits: number;
}

export interface Columns {
  readonly key: Float64Array;
  /** The row's counter, which every committed write raises by one. */
  readonly version: Float64Array;
  /** The mark that the write of this version left. */
  readonly mark: Float64Array;
  readonly startedAt: Float64Array;
  readonly endedAt: Float64Array;
}

/** What a row held at some moment. */
export interface Seen {
  readonly version: number;
  readonly mark: number;
}

const now = (): number => Number(process.hrtime.bigint());

/** Takes down operations as they happen. */
export class Recorder {
  readonly #columns: number[][] = [[], [], [], [], []];

  /** Runs an operation on a key, and takes down when it ran and what it saw. One that fails is not taken down. */
  async record(key: number, operation: () => Promise<Seen>): Promise<void> {
    const startedAt = now();
    const { version, mark } = await operation();
    const endedAt = now();
    [key, version, mark, startedAt, endedAt].forEach((value, index) => {
      this.#columns[index]?.push(value);
    });
  }

  columns(): Columns {
    const [key, version, mark, startedAt, endedAt] = this.#columns.map((column) => Float64Array.from(column));
    const none = new Float64Array(0);
    return {
      key: key ?? none,
      version: version ?? none,
      mark: mark ?? none,
      startedAt: startedAt ?? none,
      endedAt: endedAt ?? none,
    };
  }
}
