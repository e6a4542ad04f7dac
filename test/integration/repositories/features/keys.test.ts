import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnyRow } from '../../../support/prisma/feature-repositories.js';
import {
  type FeatureWorld,
  openFeatureWorld,
  statementsOf,
  untilCached,
} from '../../../support/prisma/feature-world.js';

let world: FeatureWorld;

beforeAll(async () => {
  world = await openFeatureWorld();
});
afterAll(() => world.close());

async function someTeam(slug: string): Promise<number> {
  const team: AnyRow = await world.here.getTeamRepository().create({ slug, name: slug });
  return team['id'] as number;
}

describe('a key of several fields', () => {
  test('is an object, and finds its row from the cache until it is written, in every process', async () => {
    const teamId = await someTeam('composite');
    const here = world.here.getSeatRepository();
    const elsewhere = world.elsewhere.getSeatRepository();
    const id = { teamId, role: 'MEMBER' };
    expect(await elsewhere.findById(id)).toBeNull();
    await here.create({ ...id, holder: 'ann' });
    expect(await elsewhere.findById(id)).toMatchObject({ teamId, role: 'MEMBER', holder: 'ann' });
    await untilCached(world.elsewhere, () => elsewhere.findById({ role: 'MEMBER', teamId }));
    await here.update(id, { holder: 'bob' });
    expect(await elsewhere.findById(id)).toMatchObject({ holder: 'bob' });
    await here.delete(id);
    expect(await elsewhere.findById(id)).toBeNull();
  });

  test('loads many of them with one statement, in the order asked for', async () => {
    const teamId = await someTeam('many');
    const seats = world.here.getSeatRepository();
    await seats.createMany({
      data: [
        { teamId, role: 'OWNER', holder: 'owner of many' },
        { teamId, role: 'MEMBER', holder: 'member of many' },
      ],
    });
    const ids = [
      { teamId, role: 'MEMBER' },
      { teamId: -1, role: 'OWNER' },
      { teamId, role: 'OWNER' },
    ];
    let found: readonly (AnyRow | null)[] = [];
    const statements = await statementsOf(world.here, async () => {
      found = await seats.findByIds(ids);
    });
    expect(found.map((seat) => seat?.['holder'])).toEqual(['member of many', undefined, 'owner of many']);
    expect(statements).toBe(1);
  });

  test('is found by the name that the schema gives it, by another unique key, and by a part of the row', async () => {
    const teamId = await someTeam('names');
    const seats = world.here.getSeatRepository();
    await seats.create({ teamId, role: 'OWNER', holder: 'carl' });
    const byName = await seats.findUnique({ where: { place: { teamId, role: 'OWNER' } } });
    expect(byName).toEqual(await seats.findById({ teamId, role: 'OWNER' }));
    expect(await seats.findUnique({ where: { holder: 'carl' } })).toEqual(byName);
    expect(await seats.findById({ teamId, role: 'OWNER' }, { select: { holder: true } })).toEqual({
      holder: 'carl',
    });
    expect(await seats.findById({ teamId, role: 'OWNER' }, { include: { team: true } })).toMatchObject({
      team: { slug: 'names' },
    });
  });

  test('is refused where a part is missing or of another type', async () => {
    const seats = world.here.getSeatRepository();
    for (const id of [
      { teamId: 1 },
      { teamId: '1', role: 'OWNER' },
      1,
      null,
      'OWNER',
      { teamId: Number.NaN, role: 'OWNER' },
    ]) {
      await expect(seats.findById(id)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(seats.update(id, { holder: 'x' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });

  test('a compound unique key is looked up by its parts, and the entity found is cached', async () => {
    const teamId = await someTeam('compound');
    const tickets = world.here.getTicketRepository();
    const made: AnyRow = await tickets.create({ teamId, number: 7, title: 'seven' });
    const read = (): Promise<unknown> => tickets.lookUp('teamId_number', { teamId, number: 7 });
    expect(await read()).toEqual(made);
    await untilCached(world.here, read);
    await world.elsewhere.getTicketRepository().update(made['id'], { number: 8 });
    expect(await read()).toBeNull();
  });
});

describe('a key without one spelling', () => {
  test.each([
    [
      'a date',
      'Reading',
      () => ({ at: new Date(1_700_000_000_123), value: 1.5, raw: Buffer.from([1, 2]) }),
      'at',
    ],
    ['a decimal', 'Price', () => ({ amount: '10.50', label: 'ten and a half' }), 'amount'],
  ] as const)('%s finds its row in the database, always', async (_name, model, data, field) => {
    const rows = model === 'Reading' ? world.here.getReadingRepository() : world.here.getPriceRepository();
    const created: AnyRow = await rows.create(data());
    const id = created[field];
    expect(await rows.findById(id)).toEqual(created);
    expect(await statementsOf(world.here, () => rows.findById(id))).toBe(1);
    expect(await rows.findByIds([id])).toEqual([created]);
    await rows.delete(id);
    expect(await rows.findByIds([id])).toEqual([null]);
    await expect(rows.update(id, { [field === 'at' ? 'value' : 'label']: 2 })).rejects.toThrow();
    for (const wrong of [null, undefined, Number.NaN]) {
      await expect(rows.findById(wrong)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });

  test('a price is the same row however it is written', async () => {
    const prices = world.here.getPriceRepository();
    await prices.create({ amount: '3.10', label: 'before' });
    await prices.update('3.1', { label: 'after' });
    expect(await prices.findById('3.100')).toMatchObject({ label: 'after' });
    await expect(prices.update('4', { label: 'none' })).rejects.toMatchObject({ code: 'ENTITY_NOT_FOUND' });
  });
});

describe('a bigint key', () => {
  test('is a bigint, and no number', async () => {
    const teamId = await someTeam('bigint');
    await world.here.getSeatRepository().create({ teamId, role: 'OWNER', holder: 'dora' });
    const note: AnyRow = await world.here.getNoteRepository().create({ teamId, role: 'OWNER', text: 'note' });
    expect(typeof note['id']).toBe('bigint');
    expect(await world.elsewhere.getNoteRepository().findById(note['id'])).toEqual(note);
    await expect(world.here.getNoteRepository().findById(Number(note['id']))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('a view', () => {
  test('is read by its unique field and by queries, each time from the database, and has no writes', async () => {
    const teamId = await someTeam('viewed');
    const sizes = world.here.getTeamSizeRepository();
    expect(await sizes.findById(teamId)).toBeNull();
    await world.here.getSeatRepository().create({ teamId, role: 'OWNER', holder: 'viewed' });
    expect(await sizes.findById(teamId)).toEqual({ teamId, size: 1 });
    expect(await sizes.count({ where: { teamId } })).toBe(1);
    expect(await world.here.getTitlesRepository().findMany({ where: { title: 'none of these' } })).toEqual(
      [],
    );
    await expect(world.here.getTitlesRepository().findById('x')).rejects.toMatchObject({ code: 'WIRING' });
    expect('create' in sizes || 'update' in sizes || 'deleteMany' in sizes).toBe(false);
  });
});
