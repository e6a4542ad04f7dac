import { HoldfastError } from '../../errors.js';

/** The failure that a repository met last. */
export interface LastError {
  readonly message: string;
  /** Null for an error that is none of holdfast's. */
  readonly code: string | null;
  readonly at: Date;
}

export function lastErrorOf(error: unknown): LastError {
  return Object.freeze({
    message: error instanceof Error ? error.message : String(error),
    code: error instanceof HoldfastError ? error.code : null,
    at: new Date(),
  });
}
