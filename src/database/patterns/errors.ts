import { HoldfastError } from '../../errors.js';

/** What is wrong with a cursor. */
export type CursorFault = 'malformed' | 'version' | 'signature' | 'other-query' | 'row-gone';

const CURSOR_FAULTS: Readonly<Record<CursorFault, string>> = {
  malformed: 'it is not one that was given out',
  version: 'it was given out by another version',
  signature: 'its signature does not match, so it was changed or signed with another secret',
  'other-query': 'it belongs to a query of another table, order or filter',
  'row-gone': 'the row that it points to has been deleted, and its place is not known without it',
};

/** A cursor cannot be used. `context.fault` says why; start from the first page again. */
export class CursorError extends HoldfastError {
  readonly code = 'CURSOR_INVALID';

  constructor(fault: CursorFault, cause?: unknown) {
    super(`The cursor is refused: ${CURSOR_FAULTS[fault]}. Start again without a cursor.`, {
      context: { fault },
      cause,
    });
  }
}

/** A name stands for nothing in the database. The context lists, as `known`, what there is in its place. */
export class UnknownIdentifierError extends HoldfastError {
  readonly code = 'UNKNOWN_IDENTIFIER';

  constructor(kind: 'table' | 'column' | 'alias', name: string, known: readonly string[], within?: string) {
    const where = within === undefined ? '' : ` of ${within}`;
    super(`There is no ${kind} "${name}"${where}. There are: ${known.join(', ') || 'none'}.`, {
      context: { kind, name, known, ...(within !== undefined && { within }) },
    });
  }
}

/** An order does not tell every two rows apart, so pages by cursor would skip or repeat some. */
export class OrderNotUniqueError extends HoldfastError {
  readonly code = 'ORDER_NOT_UNIQUE';
}

/** A search term is empty, too short or too long. The context holds its length and the bounds. */
export class SearchTermError extends HoldfastError {
  readonly code = 'SEARCH_TERM_INVALID';
}

/** No index serves the kind of search that was asked for. The context names the columns. */
export class SearchNotIndexedError extends HoldfastError {
  readonly code = 'SEARCH_NOT_INDEXED';
}

/** A chunk of a bulk write failed. The context says which rows it held and what was written; `cause` says why. */
export class BulkWriteError extends HoldfastError {
  readonly code = 'BULK_WRITE_FAILED';
}
