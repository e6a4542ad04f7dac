import { codeOf, lastParagraph } from './repository-errors.js';

/** The failure that a repository met last. */
export interface LastError {
  readonly message: string;
  /** Holdfast's, Prisma's or Node's; null for an error that has none. */
  readonly code: string | null;
  readonly at: Date;
}

export function lastErrorOf(error: unknown): LastError {
  return Object.freeze({
    message: lastParagraph(error instanceof Error ? error.message : String(error)),
    code: error instanceof Error ? codeOf(error) : null,
    at: new Date(),
  });
}
