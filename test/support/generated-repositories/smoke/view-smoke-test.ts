import { expect } from '@jest/globals';
import type { Row, RowMaker } from '../row-maker.js';
import type { GeneratedWorld } from '../world.js';
import { findsById, findsByIds, findsByUniqueKeys } from './key-reads.js';
import { reads } from './list-reads.js';
import { pages } from './page-reads.js';
import { isWell } from './smoke-test.js';
import { expectSame, subjectOf } from './subject.js';

const WRITES = [
  ...['create', 'createMany', 'update', 'upsert', 'delete', 'updateMany', 'deleteMany', 'restore'],
  ...['deletePermanently', 'on', 'updateIf', 'write'],
];

/** Calls everything that the generated repository of a view has, and compares each answer with that of Prisma alone. */
export async function viewSmokeTest(world: GeneratedWorld, maker: RowMaker, view: string): Promise<void> {
  const subject = await subjectOf(world, maker, view, true);
  const { here, prisma, model } = subject;
  for (const method of WRITES) expect(method in here).toBe(false);
  const rows = (await prisma['findMany']?.()) as readonly Row[];
  const [row] = rows;
  if (row === undefined) throw new Error(`The view ${view} has no rows to be read.`);
  if (model.id.length === 0) {
    expectSame(await here.findMany(), rows);
    expect(await here.count()).toBe(rows.length);
    await expect(here.findById(1)).rejects.toMatchObject({ code: expect.any(String) });
    await expect(here.findCursorPage()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  } else {
    await findsById(subject, row);
    await findsByIds(subject, rows, null);
    await findsByUniqueKeys(subject, row);
    await reads(subject, row);
    await pages(subject);
  }
  await isWell(subject);
}
