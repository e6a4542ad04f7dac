import type { WriteOperation } from '../../database/index.js';

/** A write, as far as it says what it changes: all that it writes to the model itself and, nested, to others. */
export interface RepositoryWrite {
  readonly operation: WriteOperation;
  /** What Prisma's method of that name would be given. `run` must send just this, and nobody change it meanwhile. */
  readonly args: object;
  /** The canonical ids of the rows that `args` name; none where they name none. */
  readonly ids: readonly string[];
  /** The tags of all rows of this model that it changes, before and after. @default not known */
  readonly tags?: readonly string[] | null;
}
