import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { withScope } from '../../../../src/repositories/index.js';
import { eventually } from '../../../support/eventually.js';
import type { AnyRow } from '../../../support/prisma/feature-repositories.js';
import {
  type FeatureWorld,
  openFeatureWorld,
  statementsOf,
  untilCached,
} from '../../../support/prisma/feature-world.js';

let world: FeatureWorld;
let teamId: number;
let otherTeam: number;

beforeAll(async () => {
  world = await openFeatureWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  const teams = world.here.getTeamRepository();
  teamId = ((await teams.create({ slug: randomUUID(), name: 'one' })) as AnyRow)['id'] as number;
  otherTeam = ((await teams.create({ slug: randomUUID(), name: 'other' })) as AnyRow)['id'] as number;
});

const tickets = () => world.here.getTicketRepository();
const ticketsElsewhere = () => world.elsewhere.getTicketRepository();

async function ticket(number: number, more: object = {}): Promise<AnyRow> {
  return tickets().create({ teamId, number, title: `ticket ${number}`, ...more });
}

describe('soft deletion', () => {
  test('hides an entity from every read, until it is asked for, restored, or deleted for good', async () => {
    const { id } = await ticket(1);
    await untilCached(world.elsewhere, () => ticketsElsewhere().findById(id));
    await tickets().delete(id);
    for (const repository of [tickets(), ticketsElsewhere()]) {
      expect(await repository.findById(id)).toBeNull();
      expect(await repository.findByIds([id])).toEqual([null]);
      expect(await repository.findMany({ where: { teamId } })).toEqual([]);
      expect(await repository.findFirst({ where: { id } })).toBeNull();
      expect(await repository.count({ where: { teamId } })).toBe(0);
      expect(await repository.exists({ id })).toBe(false);
      expect(await repository.lookUp('teamId_number', { teamId, number: 1 })).toBeNull();
      expect(await repository.findById(id, undefined, { includeDeleted: true })).toMatchObject({ id });
      expect(await repository.count({ where: { teamId } }, { includeDeleted: true })).toBe(1);
    }
    await expect(tickets().update(id, { title: 'deleted' })).rejects.toMatchObject({
      code: 'ENTITY_NOT_FOUND',
    });
    await expect(tickets().delete(id)).rejects.toMatchObject({ code: 'ENTITY_NOT_FOUND' });
    expect(await tickets().restore(id)).toMatchObject({ id, deletedAt: null });
    expect(await ticketsElsewhere().findById(id)).toMatchObject({ title: 'ticket 1' });
    await expect(tickets().restore(id)).rejects.toMatchObject({ code: 'ENTITY_NOT_FOUND' });
    await tickets().deletePermanently(id);
    expect(await ticketsElsewhere().findById(id, undefined, { includeDeleted: true })).toBeNull();
  });

  test('marks many, and returns how many', async () => {
    await ticket(1);
    await ticket(2);
    expect(await tickets().deleteMany({ where: { teamId, number: 2 } })).toEqual({ count: 1 });
    expect(await tickets().deleteMany({ where: { teamId } })).toEqual({ count: 1 });
    expect(await tickets().deleteMany({ where: { teamId } })).toEqual({ count: 0 });
    expect(await tickets().count({ where: { teamId } }, { includeDeleted: true })).toBe(2);
  });
});

describe('a version', () => {
  test('counts updates, and refuses one that expects another, with both versions', async () => {
    const { id } = await ticket(1);
    expect(await tickets().update(id, { title: 'second' })).toMatchObject({ version: 2 });
    await expect(
      ticketsElsewhere().update(id, { title: 'late' }, undefined, { expectedVersion: 1 }),
    ).rejects.toMatchObject({ code: 'CONFLICT', context: { expectedVersion: 1, actualVersion: 2, id } });
    expect(
      await ticketsElsewhere().update(id, { title: 'third' }, undefined, { expectedVersion: 2 }),
    ).toMatchObject({ title: 'third', version: 3 });
    await expect(tickets().delete(id, undefined, { expectedVersion: 2 })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(
      tickets().update(randomUUID(), { title: 'none' }, undefined, { expectedVersion: 1 }),
    ).rejects.toMatchObject({ code: 'ENTITY_NOT_FOUND' });
    await expect(tickets().update(id, { version: 9 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(
      world.here.getTeamRepository().update(teamId, { name: 'x' }, undefined, { expectedVersion: 1 }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  test('lets one of several win who read the same', async () => {
    const { id } = await ticket(1);
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        (n % 2 ? tickets() : ticketsElsewhere()).update(id, { title: `by ${n}` }, undefined, {
          expectedVersion: 1,
        }),
      ),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') expect(attempt.reason).toMatchObject({ code: 'CONFLICT' });
    }
  });
});

describe('a scope', () => {
  const documents = () => world.here.getDocumentRepository();

  test('is demanded by every method', async () => {
    const id = randomUUID();
    const calls: readonly (() => Promise<unknown>)[] = [
      () => documents().findById(id),
      () => documents().findByIds([id]),
      () => documents().findMany(),
      () => documents().findFirst(),
      () => documents().findUnique({ where: { id } }),
      () => documents().findPage(),
      () => documents().findCursorPage(),
      () => documents().count(),
      () => documents().exists({}),
      () => documents().search('term', { fields: ['name'] }),
      () => documents().aggregate({ _sum: { size: true } }),
      () => documents().groupBy({ by: ['name'] }),
      () => documents().create({ tenantId: 'a', name: 'x' }),
      () => documents().createMany({ data: [{ tenantId: 'a', name: 'x' }] }),
      () => documents().update(id, { name: 'x' }),
      () =>
        documents().upsert({ where: { id }, create: { tenantId: 'a', name: 'x' }, update: { name: 'x' } }),
      () => documents().delete(id),
      () => documents().updateMany({ data: { name: 'x' } }),
      () => documents().deleteMany({}),
      () => documents().warm({}),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'SCOPE_REQUIRED' });
  });

  test('confines every read and write to its rows, also those that are cached', async () => {
    const prefix = randomUUID();
    const a = documents().forScope(`${prefix}-a`);
    const b = world.elsewhere.getDocumentRepository().forScope(`${prefix}-b`);
    const mine: AnyRow = await a.create({ name: 'plan', size: 10n });
    expect(mine['tenantId']).toBe(`${prefix}-a`);
    await untilCached(world.here, () => a.findById(mine['id']));
    expect(await b.findById(mine['id'])).toBeNull();
    expect(await b.findByIds([mine['id']])).toEqual([null]);
    expect(await b.findUnique({ where: { id: mine['id'] } })).toBeNull();
    expect(await b.findUnique({ where: { id: mine['id'] }, include: {} })).toBeNull();
    expect(await b.findMany()).toEqual([]);
    expect(await b.findMany({ where: { tenantId: `${prefix}-a` } })).toEqual([]);
    expect(await b.findMany({ where: { OR: [{ tenantId: `${prefix}-a` }, { name: 'plan' }] } })).toEqual([]);
    expect(await b.count()).toBe(0);
    expect(await b.aggregate({ _sum: { size: true } })).toEqual({ _sum: { size: null } });
    expect((await b.findPage()).items).toEqual([]);
    expect((await b.findCursorPage()).items).toEqual([]);
    await expect(b.update(mine['id'], { name: 'stolen' })).rejects.toMatchObject({
      code: 'ENTITY_NOT_FOUND',
    });
    await expect(b.delete(mine['id'])).rejects.toMatchObject({ code: 'ENTITY_NOT_FOUND' });
    expect(await b.updateMany({ where: {}, data: { name: 'stolen' } })).toEqual({ count: 0 });
    expect(await b.deleteMany({ where: { id: mine['id'] } })).toEqual({ count: 0 });
    await expect(
      b.upsert({
        where: { id: mine['id'] },
        create: { id: mine['id'], name: 'x' },
        update: { name: 'stolen' },
      }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await a.findById(mine['id'])).toEqual(mine);
    await expect(a.update(mine['id'], { tenantId: `${prefix}-b` })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(a.create({ tenantId: `${prefix}-b`, name: 'x' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(await a.update(mine['id'], { name: 'plan B' })).toMatchObject({ name: 'plan B' });
  });

  test('that is a foreign key cannot be left by its relation, and lets rows be created with others nested in them', async () => {
    const folders = world.here.getFolderRepository().forScope(teamId);
    const name = randomUUID();
    const made: AnyRow = await folders.create({ name, documents: { create: [{ name: 'nested' }] } });
    expect(made['teamId']).toBe(teamId);
    expect(await folders.findById(made['id'], { include: { documents: true } })).toMatchObject({
      documents: [{ name: 'nested' }],
    });
    expect(await folders.create({ name: randomUUID(), teamId })).toMatchObject({ teamId });
    const away = { team: { connect: { id: otherTeam } } };
    for (const call of [
      () => folders.update(made['id'], away),
      () => folders.create({ name: randomUUID(), ...away }),
      () => folders.create({ name: randomUUID(), teamId: otherTeam }),
      () => folders.upsert({ where: { id: made['id'] }, create: { name: randomUUID() }, update: away }),
      () => folders.updateMany({ where: {}, data: { teamId: otherTeam } }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    expect(await folders.findById(made['id'])).toMatchObject({ teamId, name });
  });

  test('makes an upsert on a key that is taken out of sight a conflict, of a deleted row too', async () => {
    const name = randomUUID();
    const folders = world.here.getFolderRepository();
    const mine: AnyRow = await folders.forScope(teamId).create({ name });
    const upsert = (scope: number) =>
      folders
        .forScope(scope)
        .upsert({ where: { name }, create: { name }, update: { name }, include: { team: true } });
    await expect(upsert(otherTeam)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await upsert(teamId)).toMatchObject({ id: mine['id'] });
    await folders.forScope(teamId).delete(mine['id']);
    await expect(upsert(teamId)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('comes from the request around a call, and each call at once has its own', async () => {
    const prefix = randomUUID();
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        withScope({ tenantId: prefix + name }, async () => {
          await documents().create({ name });
          expect(await documents().findMany({ select: { name: true } })).toEqual([{ name }]);
        }),
      ),
    );
    expect(() => tickets().forScope('a')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('tags', () => {
  const list = (repository: ReturnType<typeof tickets>, team: number) => () =>
    repository.findMany({ where: { teamId: team } });

  test('keep a list cached while rows of other tags are written, and not one read longer', async () => {
    const { id } = await ticket(1);
    const read = list(ticketsElsewhere(), teamId);
    const readOther = list(ticketsElsewhere(), otherTeam);
    await untilCached(world.elsewhere, read);
    await untilCached(world.elsewhere, readOther);
    await tickets().update(id, { title: 'changed' });
    expect(await statementsOf(world.elsewhere, readOther)).toBe(0);
    expect(await read()).toMatchObject([{ title: 'changed' }]);

    await untilCached(world.elsewhere, read);
    const moved: AnyRow = await tickets().update(id, { teamId: otherTeam });
    expect(moved['teamId']).toBe(otherTeam);
    expect(await read()).toEqual([]);
    expect(await readOther()).toMatchObject([{ id }]);

    await untilCached(world.elsewhere, read);
    await untilCached(world.elsewhere, readOther);
    await tickets().create({ teamId, number: 2, title: 'second' });
    expect(await statementsOf(world.elsewhere, readOther)).toBe(0);
    expect(await read()).toMatchObject([{ title: 'second' }]);
    await untilCached(world.elsewhere, readOther);
    await tickets().updateMany({ where: { teamId }, data: { title: 'of one' } });
    expect(await statementsOf(world.elsewhere, readOther)).toBe(0);
    expect(await read()).toMatchObject([{ title: 'of one' }]);
    await untilCached(world.elsewhere, readOther);
    await tickets().updateMany({ where: { number: { gt: 0 } }, data: { title: 'of all' } });
    expect(await readOther()).toMatchObject([{ title: 'of all' }]);
    await untilCached(world.elsewhere, readOther);
    await untilCached(world.elsewhere, read);
    await world.here
      .getTeamRepository()
      .update(otherTeam, { tickets: { updateMany: { where: {}, data: { title: 'nested' } } } });
    expect(await readOther()).toMatchObject([{ title: 'nested' }]);
  });

  test('follow a row that another process moved since it was read', async () => {
    const { id } = await ticket(1);
    await untilCached(world.here, () => tickets().findById(id));
    // By another writer, whose change the relay has not brought here yet.
    await world.database.sql('UPDATE "Ticket" SET "teamId" = $1 WHERE id = $2', [otherTeam, id]);
    const readOther = list(ticketsElsewhere(), otherTeam);
    await eventually(readOther, (rows) => (rows as readonly unknown[]).length === 1);
    await untilCached(world.elsewhere, readOther);
    await tickets().update(id, { title: 'where is it' });
    expect(await readOther()).toMatchObject([{ title: 'where is it' }]);
  });

  test('do not hold where a query sees rows of others as well', async () => {
    const parent = await tickets().create({ teamId: otherTeam, number: 1, title: 'parent' });
    await ticket(1, { parentId: (parent as AnyRow)['id'] });
    const read = () => ticketsElsewhere().findMany({ where: { teamId }, include: { parent: true } });
    await untilCached(world.elsewhere, read);
    await tickets().update((parent as AnyRow)['id'], { title: 'renamed' });
    expect(await read()).toMatchObject([{ parent: { title: 'renamed' } }]);
  });

  test('of the caller invalidate what hangs on them, and only that', async () => {
    await ticket(1);
    const reports = { tags: ['reports'] };
    const read = () => ticketsElsewhere().count({ where: { teamId } }, reports);
    const readOther = () => ticketsElsewhere().count({ where: { teamId } });
    await untilCached(world.elsewhere, read);
    await untilCached(world.elsewhere, readOther);
    await world.here.cache.invalidateTags(['reports']);
    expect(await statementsOf(world.elsewhere, readOther)).toBe(0);
    expect(await statementsOf(world.elsewhere, read)).toBe(1);
  });
});

describe('a condition on a write', () => {
  test('holds whatever is selected or connected, when the row changes just before the write', async () => {
    const relations = { include: { team: true } };
    const writes: readonly ((id: unknown) => Promise<unknown>)[] = [
      (id) => tickets().update(id, { title: 'x' }, undefined, { expectedVersion: 1 }),
      (id) => tickets().update(id, { title: 'x' }, relations, { expectedVersion: 1 }),
      (id) =>
        tickets().update(id, { team: { connect: { id: otherTeam } } }, undefined, { expectedVersion: 1 }),
      (id) => tickets().update(id, { parent: { disconnect: true } }, undefined, { expectedVersion: 1 }),
      (id) =>
        tickets().update(id, { parts: { create: { teamId, number: 900, title: 'part' } } }, undefined, {
          expectedVersion: 1,
        }),
      (id) => tickets().delete(id, undefined, { expectedVersion: 1 }),
      (id) => tickets().delete(id, relations, { expectedVersion: 1 }),
    ];
    for (const [number, write] of writes.entries()) {
      const { id } = await ticket(100 + number, { parentId: (await ticket(200 + number))['id'] });
      // Held by another, so that the write finds the row as it was, waits for it, and must look again.
      await world.database.sql('BEGIN');
      await world.database.sql('UPDATE "Ticket" SET version = 7 WHERE id = $1', [id]);
      const outcome = write(id).then(
        () => 'written',
        (error: unknown) => error,
      );
      await eventually(
        () => world.database.locksWaitedFor(),
        (count) => count > 0,
      );
      await world.database.sql('COMMIT');
      expect(await outcome).toMatchObject({
        code: 'CONFLICT',
        context: { expectedVersion: 1, actualVersion: 7 },
      });
      expect(await tickets().findById(id, undefined, { cache: false })).toMatchObject({ version: 7, teamId });
    }
  });

  test('a delete gives back the relations that it was asked for', async () => {
    const { id } = await ticket(1);
    const deleted = await world.here.getNoteRepository().create({
      text: 'x',
      seat: { create: { role: 'OWNER', holder: randomUUID(), team: { connect: { id: teamId } } } },
    });
    const note = await world.here
      .getNoteRepository()
      .delete((deleted as AnyRow)['id'], { include: { seat: true } });
    expect(note).toMatchObject({ text: 'x', seat: { teamId, role: 'OWNER' } });
    expect(await world.here.getNoteRepository().findById((deleted as AnyRow)['id'])).toBeNull();
    await expect(
      world.here.getNoteRepository().delete((deleted as AnyRow)['id'], { include: { seat: true } }),
    ).rejects.toMatchObject({ code: 'ENTITY_NOT_FOUND' });
    expect(await tickets().deletePermanently(id)).toMatchObject({ id });
  });
});

describe('events', () => {
  test('tell of each change after its commit, with what was before and after', async () => {
    const heard: unknown[] = [];
    const ends = (['created', 'updated', 'deleted', 'upserted', 'changedMany'] as const).map((name) =>
      tickets().on(name, (event) => heard.push([name, event])),
    );
    const created = await ticket(1);
    const { id } = created;
    const updated = await tickets().update(id, { title: 'second' });
    await tickets().updateMany({ where: { teamId }, data: { body: 'text' } });
    await tickets().delete(id);
    await expect(tickets().update(id, { title: 'gone' })).rejects.toThrow();
    await eventually(
      () => heard.length,
      (count) => count === 4,
    );
    expect(heard).toMatchObject([
      ['created', { model: 'Ticket', after: created }],
      ['updated', { id, before: created, after: updated }],
      ['changedMany', { operation: 'updateMany', count: 1 }],
      ['deleted', { id, before: { title: 'second' } }],
    ]);
    for (const end of ends) end();
    await ticket(2);
    expect(heard).toHaveLength(4);
  });

  test('of a transaction come when it has committed, and never of one that was rolled back', async () => {
    const heard: unknown[] = [];
    const end = tickets().on('created', ({ after }) => heard.push(after?.['number']));
    await world.here.transaction(async () => {
      await ticket(1);
      expect(heard).toEqual([]);
    });
    await expect(
      world.here.transaction(async () => {
        await ticket(2);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await ticket(3);
    await eventually(
      () => heard.length,
      (count) => count === 2,
    );
    expect(heard).toEqual([1, 3]);
    end();
  });

  test('a listener that fails concerns nobody', async () => {
    const end = tickets().on('created', () => {
      throw new Error('listener');
    });
    await expect(ticket(1)).resolves.toMatchObject({ number: 1 });
    end();
  });
});
