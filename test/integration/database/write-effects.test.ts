import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Xoshiro128 } from '../../../scripts/support/random.js';
import { coarseMetadata, type SchemaMetadata, writeEffects } from '../../../src/database/index.js';
import type { ObservedChange } from '../../support/prisma/observed-changes.js';
import { RandomWrites } from '../../support/prisma/random-writes.js';
import { openRichDatabase, type RichDatabase } from '../../support/prisma/rich-database.js';
import { unforeseen } from '../../support/prisma/unforeseen.js';
import { type HandPickedWrite, shownEffects } from '../../support/prisma/writes/hand-picked-write.js';
import { plainWrites } from '../../support/prisma/writes/plain-writes.js';
import { toManyWrites } from '../../support/prisma/writes/to-many-writes.js';
import { toOneWrites } from '../../support/prisma/writes/to-one-writes.js';

let database: RichDatabase;

beforeAll(async () => {
  database = await openRichDatabase();
});
beforeEach(() => database.reset());
afterAll(() => database.close());

type Write = readonly [model: string, operation: string, args: Readonly<Record<string, unknown>>];

/** Runs the write; null when it succeeds, else the code of the error. */
async function attempt([model, operation, args]: Write): Promise<string | null> {
  try {
    await database.delegate(model)[operation]?.(args);
    return null;
  } catch (error) {
    // Prisma's errors of validation have no code.
    return (error as { code?: string }).code ?? 'invalid';
  }
}

/** The primary key that the write's `where` holds, as columns. */
function ownId(metadata: SchemaMetadata, [model, , args]: Write): Record<string, unknown> | null {
  const where = (args['where'] ?? {}) as Record<string, unknown>;
  const [only = '', ...others] = metadata.models[model]?.id ?? [];
  if (others.length > 0) return (where['member'] as Record<string, unknown> | undefined) ?? null;
  return only in where ? { [only]: where[only] } : null;
}

function notForeseen(
  metadata: SchemaMetadata,
  write: HandPickedWrite | Write,
  changes: readonly ObservedChange[],
) {
  const [model, operation, args] = (write.length === 3 ? write : write.slice(1, 4)) as Write;
  const effects = writeEffects(metadata, model, operation as 'create', args);
  const id = ownId(metadata, [model, operation, args]);
  return unforeseen(metadata, effects, { model, id }, changes);
}

describe.each([
  ['a write without nesting', plainWrites],
  ['a nested write to one row', toOneWrites],
  ['a nested write to many rows', toManyWrites],
])('%s touches what its effects say, and no more tables', (_kind, writes) => {
  test.each(writes)('%s (%s.%s)', async (...write) => {
    const [, model, operation, args, touches, spared = ''] = write;
    const effects = writeEffects(database.metadata, model, operation, args);
    expect(shownEffects(effects)).toBe(touches);

    const refusal = /^P\d+$/.test(spared) ? spared : null;
    expect(await attempt([model, operation, args])).toBe(refusal);

    const changes = await database.changes();
    expect(notForeseen(database.metadata, write, changes)).toEqual([]);
    if (refusal !== null) return;
    const touched = new Set(changes.map(({ table }) => table));
    expect(effects.tables.filter((table) => !touched.has(table)).sort()).toEqual(
      spared.split(' ').filter((table) => table !== ''),
    );
  });
});

test('no random write changes a row that its effects, exact or coarse, do not foresee', async () => {
  const seed = Number(process.env['WRITE_EFFECTS_SEED'] ?? 20_260_203);
  const count = Number(process.env['WRITE_EFFECTS_COUNT'] ?? 400);
  const random = new RandomWrites(database.metadata, Xoshiro128.fromSeed(seed));
  const coarse = coarseMetadata(database.client, { Membership: ['personId', 'teamId'] });
  let succeeded = 0;
  let invalid = 0;
  for (let index = 0; index < count; index++) {
    if (index % 10 === 0) await database.reset();
    const { model, operation, args } = random.next();
    const write = [model, operation, args] as const;
    const failure = await attempt(write);
    if (failure === null) succeeded++;
    if (failure === 'invalid') invalid++;
    const changes = await database.changes();
    const problems = [database.metadata, coarse].flatMap((metadata) => notForeseen(metadata, write, changes));
    if (problems.length > 0) {
      throw new Error(`Seed ${seed}, write ${index}: ${JSON.stringify(write)}\n${problems.join('\n')}`);
    }
  }
  // Most must get as far as the database, or nothing was tried.
  expect(succeeded).toBeGreaterThan(count * 0.5);
  expect(invalid).toBeLessThan(count * 0.05);
}, 300_000);

test('the metadata has the foreign keys and join tables that the SQL of Prisma creates', () => {
  const clause = /ALTER TABLE "(\w+)"\."(\w+)" .*ON DELETE ([A-Z ]+) ON UPDATE ([A-Z ]+);/g;
  const inSql = [...database.sql.matchAll(clause)].flatMap(([, schema, table, onDelete, onUpdate]) =>
    table?.startsWith('_') ? [] : [`${schema}.${table} ${onDelete} ${onUpdate}`],
  );
  const models = Object.values(database.metadata.models);
  const inMetadata = models.flatMap(({ schema, table, fields }) =>
    Object.values(fields).flatMap((field) =>
      field.kind === 'relation' && field.fields.length > 0
        ? [`${schema}.${table} ${inCapitals(field.onDelete)} ${inCapitals(field.onUpdate)}`]
        : [],
    ),
  );
  expect(inMetadata.sort()).toEqual(inSql.sort());

  const joinTables = [...database.sql.matchAll(/CREATE TABLE "(\w+)"\."(_\w+)"/g)].map(
    ([, schema, table]) => `${schema}.${table}`,
  );
  const named = models.flatMap(({ fields }) =>
    Object.values(fields).flatMap((field) => (field.kind === 'relation' ? (field.joinTable ?? []) : [])),
  );
  expect([...new Set(named)].sort()).toEqual(joinTables.sort());
});

/** `SetNull` as SQL writes it. */
function inCapitals(action: string | null): string {
  return (action ?? '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toUpperCase();
}
