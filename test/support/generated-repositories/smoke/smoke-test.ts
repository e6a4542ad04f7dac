import { expect } from '@jest/globals';
import { isCreatable } from '../declared.js';
import type { Row, RowMaker } from '../row-maker.js';
import type { GeneratedWorld } from '../world.js';
import { FreshLists } from './fresh-lists.js';
import { findsById, findsByIds, findsByUniqueKeys } from './key-reads.js';
import { reads } from './list-reads.js';
import { pages } from './page-reads.js';
import { includes } from './relations.js';
import { type Subject, subjectOf } from './subject.js';
import { creates, deletes, removes, updates, upserts, writesMany } from './writes.js';

/**
 * Calls everything that a generated repository has, and compares each answer with that of Prisma alone.
 *
 * @param options `thorough`: whether to try every order of pages, and each read in all its forms, too
 */
export async function smokeTest(
  world: GeneratedWorld,
  maker: RowMaker,
  model: string,
  { thorough }: { readonly thorough: boolean },
): Promise<void> {
  const subject = await subjectOf(world, maker, model, thorough);
  if (!isCreatable(world.generated.dmmf, model)) return smokeTestOfWhatCannotBeCreated(subject);
  const lists = await FreshLists.cachedElsewhere(subject);
  const row = await creates(subject, lists);
  if (row === null) throw new Error(`No row of ${model} could be made.`);
  await readsAll(subject, row);
  await updates(subject, row, lists);
  const other = await upserts(subject, row, lists);
  await findsByIds(subject, [row, ...(other === null ? [] : [other])], await missingRow(subject));
  await includes(subject, row);
  // The later one may point to the earlier.
  if (other !== null) await removes(subject, other);
  await deletes(subject, row, lists);
  await writesMany(subject, lists);
  await isWell(subject);
}

async function smokeTestOfWhatCannotBeCreated(subject: Subject): Promise<void> {
  const { maker, model, here } = subject;
  const row = (await maker.store(model.name)) as Row;
  const lists = await FreshLists.cachedElsewhere(subject);
  await readsAll(subject, row);
  await updates(subject, row, lists);
  await includes(subject, row);
  await deletes(subject, row, lists);
  await expect(here.create(await maker.data(model.name))).rejects.toThrow();
  await isWell(subject);
}

async function readsAll(subject: Subject, row: Row): Promise<void> {
  await findsById(subject, row);
  await findsByUniqueKeys(subject, row);
  await reads(subject, row);
  await pages(subject);
}

/** What a row might be, and none is. */
async function missingRow({ maker, model, fixed }: Subject): Promise<Row | null> {
  const data = await maker.data(model.name, fixed);
  if (data === null) return null;
  maker.forget(model.name, data);
  return model.id.every((field) => data[field] !== undefined) ? data : null;
}

/** Whether its health and its figures say so too. */
export async function isWell({ here, model }: Subject): Promise<void> {
  expect(await here.healthCheck()).toMatchObject({ healthy: true, database: true, cache: true, error: null });
  const { reads: read, writes, cache } = here.statistics();
  expect(read).toBeGreaterThan(0);
  if (!model.readOnly) expect(writes).toBeGreaterThan(0);
  // Of a view nothing is cached.
  expect(cache === null).toBe(model.readOnly);
}
