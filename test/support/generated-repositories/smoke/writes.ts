import { expect } from '@jest/globals';
import type { Row } from '../row-maker.js';
import { untilCached } from '../world.js';
import type { FreshLists } from './fresh-lists.js';
import {
  anyOf,
  expectSame,
  freeFields,
  idOf,
  isCacheableKey,
  pick,
  type Subject,
  uniqueWhere,
} from './subject.js';

/** Stores a row through the repository. Null where no value of a unique key is left. */
export async function creates(subject: Subject, lists: FreshLists): Promise<Row | null> {
  const { here, elsewhere, maker, model } = subject;
  const data = await maker.data(model.name, subject.fixed);
  if (data === null) return null;
  // "There is none" may be cached.
  if (hasWholeId(subject, data)) expect(await elsewhere.findById(idOf(subject, data))).toBeNull();
  const row = (await here.create(data)) as Row;
  expectSame(row, await current(subject, row));
  expectSame(await elsewhere.findById(idOf(subject, row)), row);
  await lists.check();
  return row;
}

/** Changes every column that is free to change, and perhaps one alone; both services see it at once. */
export async function updates(subject: Subject, row: Row, lists: FreshLists): Promise<void> {
  const { here, elsewhere, maker, declared, world, model, thorough } = subject;
  const free = freeFields(subject);
  if (free.length === 0) return;
  const id = idOf(subject, row);
  for (const fields of thorough ? [free, free.slice(0, 1)] : [free]) {
    if (declared.cachesRows && isCacheableKey(subject, model.id, row)) {
      await untilCached(world.elsewhere, () => elsewhere.findById(id));
    }
    const before = (await current(subject, row)) as Row;
    const data = Object.fromEntries(fields.map((field) => [field.name, maker.value(field)]));
    const updated = (await here.update(id, data)) as Row;
    const after = await current(subject, row);
    expectSame(updated, after);
    expectSame(await elsewhere.findById(id), after);
    expectSame(await here.findById(id), after);
    if (declared.version !== null)
      expect(updated[declared.version]).toBe(Number(before[declared.version]) + 1);
    await lists.check();
  }
}

/** Changes the row of a key that is there, and stores one where there is none. */
export async function upserts(subject: Subject, row: Row, lists: FreshLists): Promise<Row | null> {
  const { here, elsewhere, maker, model, fixed } = subject;
  const [free] = freeFields(subject);
  const update = free === undefined ? {} : { [free.name]: maker.value(free) };
  // With the same key in both, PostgreSQL does it in one statement.
  const create = { ...(await spare(subject, row)), ...pick(row, model.id) };
  const changed = await here.upsert({ where: uniqueWhere(model, model.id, row), update, create });
  expectSame(changed, await current(subject, row));
  expectSame(await elsewhere.findById(idOf(subject, row)), changed);
  await lists.check();
  const data = await maker.data(model.name, fixed);
  const key = [model.id, ...model.uniques].find(
    (fields) => data !== null && fields.every((name) => data[name] != null),
  );
  if (data === null || key === undefined) return null;
  const stored = (await here.upsert({ where: uniqueWhere(model, key, data), update, create: data })) as Row;
  expectSame(stored, await current(subject, stored));
  expectSame(await elsewhere.findById(idOf(subject, stored)), stored);
  await lists.check();
  return stored;
}

/** Removes a row; both services miss it at once. */
export async function deletes(subject: Subject, row: Row, lists: FreshLists): Promise<void> {
  const { here, elsewhere, maker, model, declared } = subject;
  const id = idOf(subject, row);
  for (let time = 1; time <= 2; time += 1) expect(await elsewhere.findById(id)).not.toBeNull();
  await here.delete(id);
  for (const repository of [here, elsewhere]) expect(await repository.findById(id)).toBeNull();
  await lists.check();
  if (declared.softDelete !== null) {
    expect(await current(subject, row)).toMatchObject({ [declared.softDelete]: expect.any(Date) });
    await here.deletePermanently(id);
  }
  expect(await current(subject, row)).toBeNull();
  await expect(here.delete(id)).rejects.toMatchObject({ code: 'ENTITY_NOT_FOUND' });
  maker.forget(model.name, row);
}

/** Removes a row, of which nothing more is to be seen. */
export async function removes(subject: Subject, row: Row): Promise<void> {
  const { here, maker, model, declared } = subject;
  if (declared.softDelete === null) await here.delete(idOf(subject, row));
  else await here.deletePermanently(idOf(subject, row));
  maker.forget(model.name, row);
}

/** Stores, changes and removes several at once. */
export async function writesMany(subject: Subject, lists: FreshLists): Promise<void> {
  const { here, elsewhere, maker, model, prisma, fixed, visible, declared, thorough } = subject;
  const before = (await prisma['findMany']?.({ where: visible })) as readonly Row[];
  const data = [await maker.data(model.name, fixed), await maker.data(model.name, fixed)].filter(
    (row) => row !== null,
  );
  if (data.length === 0) return;
  expect(await here.createMany({ data })).toEqual({ count: data.length });
  await lists.check();
  const where = before.length === 0 ? {} : { NOT: anyOf(subject, before) };
  const stored = (await elsewhere.findMany({ where })) as readonly Row[];
  expect(stored).toHaveLength(data.length);
  const looked = thorough ? stored : stored.slice(0, 1);
  const [free] = freeFields(subject);
  if (free !== undefined) {
    const change = { [free.name]: maker.value(free) };
    expect(await here.updateMany({ where: anyOf(subject, stored), data: change })).toEqual({
      count: data.length,
    });
    for (const row of looked)
      expectSame(await elsewhere.findById(idOf(subject, row)), await current(subject, row));
    await lists.check();
  }
  expect(await here.deleteMany({ where: anyOf(subject, stored) })).toEqual({ count: data.length });
  for (const row of looked) expect(await elsewhere.findById(idOf(subject, row))).toBeNull();
  await lists.check();
  for (const row of stored) {
    if (declared.softDelete !== null) await here.deletePermanently(idOf(subject, row));
    maker.forget(model.name, row);
  }
}

/** The row as Prisma alone sees it. */
async function current({ prisma, model }: Subject, row: Row): Promise<unknown> {
  return prisma['findUnique']?.({ where: uniqueWhere(model, model.id, row) });
}

function hasWholeId({ model }: Subject, data: Row): boolean {
  return model.id.every((field) => data[field] !== undefined);
}

/** Data that are not meant to be stored. */
async function spare({ maker, model, fixed }: Subject, row: Row): Promise<Row> {
  const data = await maker.data(model.name, fixed);
  if (data === null) return row;
  maker.forget(model.name, data);
  return data;
}
