import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnyRow } from '../../../support/prisma/feature-repositories.js';
import { type FeatureWorld, openFeatureWorld, statementsOf } from '../../../support/prisma/feature-world.js';

let world: FeatureWorld;
let teamId: number;

beforeAll(async () => {
  world = await openFeatureWorld();
  const team: AnyRow = await world.here.getTeamRepository().create({ slug: randomUUID(), name: 'here' });
  teamId = team['id'] as number;
});
afterAll(() => world.close());

const teams = () => world.here.getTeamRepository();
const tickets = () => world.here.getTicketRepository();

describe('is refused with INVALID_ARGUMENT, and asks the database nothing:', () => {
  test.each<[what: string, call: () => Promise<unknown>]>([
    ['an id of another type', () => teams().findById('1')],
    ['an id that is no uuid', () => tickets().findById('me')],
    ['an id with a fraction', () => teams().findById(1.5)],
    ['undefined for an id', () => teams().findById(undefined)],
    ['undefined in a filter', () => teams().findMany({ where: { slug: undefined } })],
    [
      'undefined deep in a filter',
      () => teams().findMany({ where: { OR: [{ tickets: { some: { title: undefined } } }] } }),
    ],
    [
      'undefined in the filter of an included relation',
      () => teams().findMany({ include: { tickets: { where: { title: undefined } } } }),
    ],
    [
      'undefined in the filter of a nested write',
      () => teams().update(teamId, { tickets: { deleteMany: { title: undefined } } }),
    ],
    ['undefined in a count', () => teams().count({ where: { id: { in: undefined } } })],
    ['undefined in a filter of many to delete', () => teams().deleteMany({ where: { id: undefined } })],
    ['undefined for the filter of many to delete', () => teams().deleteMany({ where: undefined })],
    [
      'undefined for the filter of many to change',
      () => teams().updateMany({ where: undefined, data: { name: 'x' } }),
    ],
    ['no data to change', () => teams().update(teamId, {})],
    ['data that is all undefined', () => teams().update(teamId, { name: undefined })],
    ['no data to change for many', () => teams().updateMany({ where: {}, data: {} })],
    ['another id to change to', () => teams().update(teamId, { id: 7 })],
    ['a null byte in data', () => teams().create({ slug: 'a\0b', name: 'x' })],
    ['a null byte in a list of data', () => teams().createMany({ data: [{ slug: 'a', name: 'x\0' }] })],
    ['a null byte in a filter', () => teams().findMany({ where: { name: { contains: '\0' } } })],
    ['a null byte in a search', () => tickets().search('a\0b', { fields: ['title'] })],
    ['100,000 ids', () => teams().findByIds(Array.from({ length: 100_000 }, (_, id) => id))],
    ['a wrong one among ids', () => teams().findByIds([1, 2, 'three'])],
    ['a time to live of nothing', () => teams().findMany({}, { ttlSeconds: 0 })],
    ['a time to live that is no number', () => teams().findMany({}, { ttlSeconds: Number.NaN })],
  ])('%s', async (_what, call) => {
    const statements = await statementsOf(world.here, async () => {
      await expect(call()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    });
    expect(statements).toBe(0);
  });
});

describe('is refused with INVALID_ARGUMENT by Prisma or PostgreSQL:', () => {
  test.each<[what: string, call: () => Promise<unknown>]>([
    ['an unknown field in a filter', () => teams().findMany({ where: { nothing: 1 } })],
    ['an unknown field in data', () => teams().update(teamId, { nothing: 1 })],
    ['an unknown field to select', () => teams().findById(teamId, { select: { nothing: true } })],
    ['an unknown argument', () => teams().findMany({ whre: {} })],
    ['a filter of another type', () => teams().findMany({ where: { name: 7 } })],
    ['a text that is no uuid in a filter', () => tickets().findMany({ where: { id: 'me' } })],
    ['a text longer than its column', () => teams().create({ slug: 'x'.repeat(65), name: 'x' })],
    ['data without a required field', () => teams().create({ slug: 'y' })],
    ['an unknown unique field', () => teams().findUnique({ where: { name: 'x' } })],
    ['a field that every object has', () => teams().update(teamId, { constructor: 'x' })],
    [
      'such a field of a model with tags',
      () => tickets().create({ teamId, number: 1, title: 'x', constructor: 1 }),
    ],
    ['such a unique field', () => teams().findUnique({ where: { constructor: 1 } })],
    ['such a field to order by', () => teams().findMany({ orderBy: { toString: 'asc' } })],
  ])('%s', async (_what, call) => {
    await expect(call()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      context: { model: expect.any(String) },
    });
    await expect(call()).rejects.toHaveProperty('cause');
  });
});

test('an id that its column cannot hold is refused before anything is asked', async () => {
  await expect(teams().findById(2 ** 40)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    context: { model: 'Team', fields: ['id'] },
  });
});

test('a message says what is wrong, not the whole call', async () => {
  await expect(teams().findMany({ where: { nothing: 1 } })).rejects.toThrow(/Unknown argument `nothing`/);
  await expect(teams().findMany({ where: { nothing: 1 } })).rejects.toThrow(/^.{0,400}$/s);
});

test('an entity that is not there is told by its code, its model and its id', async () => {
  for (const call of [
    () => teams().findByIdOrThrow(-1),
    () => teams().update(-1, { name: 'x' }),
    () => teams().delete(-1),
  ]) {
    await expect(call()).rejects.toMatchObject({
      code: 'ENTITY_NOT_FOUND',
      context: { model: 'Team', id: -1 },
    });
  }
  await expect(world.here.getSeatRepository().findByIdOrThrow({ teamId: -1, role: 'OWNER' })).rejects.toThrow(
    'There is no Seat with the id {"teamId":-1,"role":"OWNER"}.',
  );
});

test("a write that a constraint refuses keeps Prisma's error, and changes nothing that is cached", async () => {
  const slug = randomUUID();
  const team: AnyRow = await teams().create({ slug, name: 'first' });
  await teams().findById(team['id']);
  await expect(teams().create({ slug, name: 'second' })).rejects.toMatchObject({ code: 'P2002' });
  expect(await teams().findById(team['id'])).toMatchObject({ name: 'first' });
  // What a constraint refuses says nothing about the database's health.
  expect(await teams().healthCheck()).toMatchObject({ healthy: true, lastError: null });
});

test('values that a filter and data may well leave out are left alone', async () => {
  const team: AnyRow = await teams().update(teamId, { name: 'there', slug: undefined });
  expect(team).toMatchObject({ name: 'there' });
  expect(await teams().createMany({ data: [] })).toEqual({ count: 0 });
  expect(await teams().findByIds([])).toEqual([]);
});
