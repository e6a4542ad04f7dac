import { expect } from '@jest/globals';
import type { Row } from '../row-maker.js';
import { statementsOf, untilCached } from '../world.js';
import { findersOf } from './finders.js';
import { expectSame, idOf, isCacheableKey, pick, type Subject, uniqueWhere } from './subject.js';

/** Reads by the primary key: from the database, from the shared cache, and from memory. */
export async function findsById(subject: Subject, row: Row): Promise<void> {
  const { here, elsewhere, prisma, model, world } = subject;
  const id = idOf(subject, row);
  const expected = await prisma['findUnique']?.({ where: uniqueWhere(model, model.id, row) });
  expectSame(await here.findById(id), expected);
  expectSame(await here.findById(id, undefined, { cache: false }), expected);
  if (isCached(subject, model.id, row)) {
    expectSame(await untilCached(world.here, () => here.findById(id)), expected);
    // The first answer that sends no statement came out of Redis, the next out of memory.
    expectSame(await untilCached(world.elsewhere, () => elsewhere.findById(id)), expected);
    expectSame(await untilCached(world.elsewhere, () => elsewhere.findById(id)), expected);
  } else {
    expect(await statementsOf(world.here, () => here.findById(id))).toBeGreaterThan(0);
  }
  const [field = ''] = model.id;
  expectSame(await here.findById(id, { select: { [field]: true } }), pick(expected as Row, [field]));
}

/**
 * Reads several by their keys, in another order than that of the table.
 *
 * @param missing what no row is, but might be
 */
export async function findsByIds(subject: Subject, rows: readonly Row[], missing: Row | null): Promise<void> {
  const { here, prisma, model } = subject;
  const asked = [...rows, ...(missing === null ? [] : [missing])].reverse();
  const expected: unknown[] = [];
  // One after another: what Prisma is asked for in one turn, it makes one statement of.
  for (const row of asked) {
    expected.push(await prisma['findUnique']?.({ where: uniqueWhere(model, model.id, row) }));
  }
  const ids = asked.map((row) => idOf(subject, row));
  // So that what was read before has to be loaded again.
  expect(await here.invalidateAll()).toBe(true);
  for (let time = 1; time <= 2; time += 1) expectSame(await here.findByIds(ids), expected);
  expect(await here.warm(ids)).toBe(rows.length);
  if (missing === null) return;
  expect(await here.findById(idOf(subject, missing))).toBeNull();
  await expect(here.findByIdOrThrow(idOf(subject, missing))).rejects.toMatchObject({
    code: 'ENTITY_NOT_FOUND',
  });
}

/** Reads by every unique key, through `findUnique` and through the generated methods. */
export async function findsByUniqueKeys(subject: Subject, row: Row): Promise<void> {
  const { here, elsewhere, prisma, model, world } = subject;
  for (const key of [model.id, ...model.uniques]) {
    if (key.some((field) => row[field] === null)) continue;
    const where = uniqueWhere(model, key, row);
    const expected = await prisma['findUnique']?.({ where });
    expectSame(await here.findUnique({ where }), expected);
    const again = () => elsewhere.findUnique({ where });
    expectSame(
      isCached(subject, model.id, row) && isCached(subject, key, row)
        ? await untilCached(world.elsewhere, again)
        : await again(),
      expected,
    );
  }
  for (const { name, key, parameters } of findersOf(subject)) {
    if (key.some((field) => row[field] === null)) continue;
    const find = Reflect.get(here, name) as (...values: unknown[]) => Promise<unknown>;
    expectSame(
      await find.apply(
        here,
        parameters.map((field) => row[field]),
      ),
      await prisma['findUnique']?.({ where: uniqueWhere(model, key, row) }),
    );
  }
}

function isCached(subject: Subject, key: readonly string[], row: Row): boolean {
  return !subject.model.readOnly && subject.declared.cachesRows && isCacheableKey(subject, key, row);
}
