import type { BatchLoader, ModelMetadata, ScalarField } from '../../../src/database/index.js';
import { quoteIdentifier, quoteTableName } from '../../../src/database/patterns/identifiers.js';
import { isSame } from '../../property/support/same-value.js';
import { textOf } from '../generated-repositories/unique-values.js';

/** Who read some rows: the batch loader, or only Prisma, since the loader left it to it. */
export type ReadBy = 'loader' | 'Prisma alone';

type Row = Readonly<Record<string, unknown>>;

/**
 * Fails unless the loader gives for these keys what Prisma gives, to the last digit, kind and order of fields. It may say that
 * only Prisma knows, and has to where Prisma refuses.
 *
 * @param keys for each field of the key, its text in each of the keys
 * @param byPrisma reads the rows that have one of these keys
 */
export async function expectAsPrisma(
  model: ModelMetadata,
  loader: BatchLoader,
  keys: readonly (readonly string[])[],
  byPrisma: () => Promise<unknown>,
): Promise<ReadBy> {
  const [loaded, prisma] = await Promise.all([loader.load(() => keys), settled(byPrisma())]);
  if (loaded === null) return 'Prisma alone';
  const shown = `${model.name} by ${JSON.stringify(keys).slice(0, 300)}`;
  if ('error' in prisma) throw new Error(`Prisma refuses what was loaded: ${shown}`, { cause: prisma.error });
  const [expected, actual] = [prisma.value as readonly Row[], loaded as readonly Row[]].map((rows) =>
    inOrder(model, rows),
  ) as [Row[], Row[]];
  for (const [index, row] of expected.entries()) {
    const same = actual[index];
    for (const name of Object.keys(row)) {
      if (isSame(row[name], same?.[name]) && isSame(same?.[name], row[name])) continue;
      throw new Error(
        `${model.name}.${name}: Prisma gives ${shownValue(row[name])}, the loader ${shownValue(same?.[name])}.`,
      );
    }
  }
  if (!isSame(expected, actual))
    throw new Error(`There are other rows or fields than Prisma gives: ${shown}`);
  return 'loader';
}

/** The names of the columns of a key, for SQL. */
export function columnsOf({ fields }: ModelMetadata, key: readonly string[]): readonly string[] {
  return key.map((name) => quoteIdentifier((fields[name] as ScalarField).column));
}

/** The table of a model, for SQL. */
export function tableOf({ schema, table }: ModelMetadata): string {
  return quoteTableName({ schema: schema ?? 'public', name: table });
}

/** All unique keys of a model, the primary one first. */
export function keysOf({ id, uniques }: ModelMetadata): readonly (readonly string[])[] {
  const known = new Map([id, ...uniques].filter((key) => key.length > 0).map((key) => [key.join(), key]));
  return [...known.values()];
}

function inOrder({ id }: ModelMetadata, rows: readonly Row[]): Row[] {
  const place = (row: Row): string => id.map((name) => textOf(row[name])).join();
  return [...rows].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

async function settled(work: Promise<unknown>): Promise<{ value: unknown } | { error: unknown }> {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
}

function shownValue(value: unknown): string {
  if (value instanceof Date) return `Date ${value.getTime()}`;
  return typeof value === 'object' && value !== null
    ? `${value.constructor?.name} ${textOf(value)}`
    : String(value);
}
