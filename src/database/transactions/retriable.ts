import { errorCodes } from '../database-errors.js';

/** Why the server itself chose a transaction as the one to give way. */
export type Conflict = 'serialization' | 'deadlock';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
/** Prisma's name for both, where an adapter has swallowed the SQLSTATE. */
const PRISMA_WRITE_CONFLICT = 'P2034';

/** Which conflict an error stands for, if any: the transaction may then be run again from its start. */
export function conflictOf(error: unknown): Conflict | null {
  let conflict: Conflict | null = null;
  for (const code of errorCodes(error)) {
    if (code === DEADLOCK_DETECTED) return 'deadlock';
    if (code === SERIALIZATION_FAILURE || code === PRISMA_WRITE_CONFLICT) conflict = 'serialization';
  }
  return conflict;
}
