import { InvalidArgumentError } from '../../errors.js';

/** Rows, all at hand or as they come. */
export type RowSource<Row> = Iterable<Row> | AsyncIterable<Row>;

/** Few enough to cost no memory, enough to spread the cost of a turn of the event loop. */
const BATCH_ROWS = 256;

/**
 * The rows of a source in small arrays, read only as they are asked for: a loop over an array costs a tenth of
 * `for await` over single rows. Rows of an async source are given on as they come.
 *
 * @throws InvalidArgumentError when it is no source
 */
export async function* rowBatches<Row>(source: RowSource<Row>): AsyncGenerator<readonly Row[]> {
  if (isAsync(source)) {
    for await (const row of source) yield [row];
    return;
  }
  if (typeof source !== 'object' || source === null || !(Symbol.iterator in source)) {
    throw new InvalidArgumentError('Rows come in an array, an iterable or an async iterable.');
  }
  let batch: Row[] = [];
  for (const row of source) {
    if (batch.push(row) < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function isAsync<Row>(source: RowSource<Row>): source is AsyncIterable<Row> {
  return typeof source === 'object' && source !== null && Symbol.asyncIterator in source;
}
