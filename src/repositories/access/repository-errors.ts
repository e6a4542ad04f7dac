import { toDatabaseError } from '../../database/index.js';
import {
  EntityNotFoundError,
  HoldfastError,
  InvalidArgumentError,
  TransactionClosedError,
} from '../../errors.js';

/*
 * What Prisma answers to a value that cannot be stored or asked for, such as a text that is no uuid:
 * https://www.prisma.io/docs/orm/reference/error-reference
 */
const VALUE_REFUSED = new Set(['P2000', 'P2005', 'P2006', 'P2007', 'P2019', 'P2020', 'P2023', 'P2033']);

/** What Prisma answers where a constraint refuses, or a row that is needed is not there. */
const CONSTRAINTS = new Set(['P2002', 'P2003', 'P2004', 'P2014', 'P2015', 'P2018', 'P2025']);

/** A failure of a query with holdfast's types, where it has one; Prisma's other errors as they are. */
export function toRepositoryError(error: unknown, model: string): unknown {
  const known = toDatabaseError(error);
  if (known instanceof HoldfastError || !(known instanceof Error)) return known;
  if (known.name === 'PrismaClientValidationError' || VALUE_REFUSED.has(codeOf(known) ?? '')) {
    return new InvalidArgumentError(
      `The arguments for ${model} are refused: ${lastParagraph(known.message)}`,
      {
        context: { model },
        cause: known,
      },
    );
  }
  return known;
}

export function entityNotFound(model: string, id: unknown, cause?: unknown): EntityNotFoundError {
  // A key of several fields, of which some may be bigints, which JSON has no word for.
  const shown =
    typeof id === 'object' && id !== null
      ? JSON.stringify(id, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
      : String(id);
  return new EntityNotFoundError(`There is no ${model} with the id ${shown}.`, {
    context: { model, id },
    cause,
  });
}

/** Prisma's answer to an update or a delete of a row that is not there. */
export function isRecordNotFound(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === 'P2025';
}

/** Prisma's answer to a value that another row has in a unique field. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === 'P2002';
}

/** Whether the error tells of the data, as a constraint does, and not of the database. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof InvalidArgumentError || (error instanceof Error && CONSTRAINTS.has(codeOf(error) ?? ''))
  );
}

/**
 * Of several operations that are sent in one tick to a transaction of Prisma's that has ended, Prisma 7.10 rejects the
 * last and resolves the others to undefined.
 */
export function answered<T>(result: T): T {
  if (result !== undefined) return result;
  throw new TransactionClosedError(
    'This transaction has ended. Await everything that belongs to it before its function returns.',
  );
}

export function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Above it Prisma shows the call with all its data, which is no text for a message. */
export function lastParagraph(message: string): string {
  return (
    message
      .trim()
      .split(/\n\s*\n/)
      .at(-1)
      ?.trim() ?? message
  );
}
