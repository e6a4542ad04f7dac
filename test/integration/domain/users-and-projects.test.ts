import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { countOperations, domainFactory, someProject, someUser } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { servesInTime } from '../../support/patience.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
let here: DomainRepositoryFactory;
let elsewhere: DomainRepositoryFactory;

beforeAll(async () => {
  database = await createDatabase();
  const redis = sharedRedis();
  const servers = { databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix };
  here = domainFactory(servers);
  elsewhere = domainFactory(servers);
  for (const factory of [here, elsewhere]) {
    await factory.initialize();
    await servesInTime(factory.cache);
  }
});

afterAll(async () => {
  await Promise.all([here.shutdown(), elsewhere.shutdown()]);
  await database.drop();
});

/** Reads until the answer comes from the cache. */
async function warm(read: () => Promise<unknown>): Promise<void> {
  await eventually(
    () => countOperations(elsewhere, read),
    ({ sql }) => sql === 0,
  );
}

const sqlOf = async (read: () => Promise<unknown>) => (await countOperations(elsewhere, read)).sql;

describe('a user', () => {
  test('is found by GitHub account, by address, and by a part of the name', async () => {
    const users = here.getUserRepository();
    const unique = randomUUID();
    const { id } = await users.create({ githubId: unique, email: `${unique}@x`, username: `Ada ${unique}` });
    expect((await users.findByGithubId(unique))?.id).toBe(id);
    expect((await users.findByEmail(`${unique}@x`))?.id).toBe(id);
    expect(await users.findByEmail('nobody@x')).toBeNull();
    expect((await users.search(`ADA ${unique.slice(0, 12)}`)).items.map((user) => user.id)).toEqual([id]);
  });

  test('has figures of projects and jobs, which only what is theirs changes', async () => {
    const { id: userId } = await someUser(here);
    const other = await someProject(here);
    const projects = here.getProjectRepository();
    const jobs = here.getConversionJobRepository();
    const figures = () => elsewhere.getUserRepository().figuresOf(userId);
    expect(await figures()).toMatchObject({ projects: { total: 0 }, jobs: { total: 0, successRate: null } });
    const project = await projects.create({ ownerId: userId, name: 'mine', sourceStack: {} });
    for (const end of ['completed', 'failed', 'completed', 'waits'] as const) {
      const job = await jobs.create({ projectId: project.id, userId, type: 'CONVERSION' });
      if (end === 'waits') continue;
      await jobs.start(job.id);
      await (end === 'failed' ? jobs.markFailed(job.id, 'x') : jobs.markCompleted(job.id, {}));
    }
    expect(await figures()).toEqual({
      projects: { total: 1, byStatus: expect.objectContaining({ DRAFT: 1, READY: 0 }) },
      jobs: {
        total: 4,
        byStatus: { PENDING: 1, RUNNING: 0, COMPLETED: 2, FAILED: 1, CANCELLED: 0 },
        successRate: 2 / 3,
      },
    });
    await warm(figures);
    await projects.update(other.id, { name: 'of another' });
    await projects.changeStatus(other.id, 'ANALYZING');
    await jobs.create({ projectId: other.id, userId: other.ownerId, type: 'EXPORT' });
    expect(await sqlOf(figures)).toBe(0);
    await projects.changeStatus(project.id, 'ANALYZING');
    expect(await figures()).toMatchObject({ projects: { byStatus: { DRAFT: 0, ANALYZING: 1 } } });
  });
});

describe('projects', () => {
  test('of a user come in pages, and a change to one invalidates the lists of its owner alone', async () => {
    const projects = here.getProjectRepository();
    const first = await someProject(here, 'first');
    const other = await someProject(here, 'other');
    for (let n = 2; n <= 5; n += 1) {
      const createdAt = new Date(Date.now() + n * 1_000);
      await projects.create({ ownerId: first.ownerId, name: `project ${n}`, sourceStack: {}, createdAt });
    }
    const list = (ownerId: string, page = 1) =>
      elsewhere.getProjectRepository().findByUser(ownerId, { page, pageSize: 2 });
    const pages = await Promise.all([1, 2, 3].map((page) => list(first.ownerId, page)));
    expect(pages.map(({ items }) => items.map(({ name }) => name))).toEqual([
      ['project 5', 'project 4'],
      ['project 3', 'project 2'],
      ['first'],
    ]);
    expect(pages[0]).toMatchObject({ total: 5, pageCount: 3, hasNext: true, hasPrevious: false });

    await warm(() => list(first.ownerId));
    await warm(() => list(other.ownerId));
    await projects.update(first.id, { fileCount: 7 });
    expect(await sqlOf(() => list(other.ownerId))).toBe(0);
    expect(await sqlOf(() => list(first.ownerId))).toBe(2);

    await warm(() => list(first.ownerId));
    await projects.update(first.id, { ownerId: other.ownerId });
    expect((await list(first.ownerId)).total).toBe(4);
    expect((await list(other.ownerId)).total).toBe(2);
  });

  test('of one state come in pages by cursor, newest first', async () => {
    const projects = here.getProjectRepository();
    const made = [];
    for (let n = 0; n < 5; n += 1) {
      const { id } = await someProject(here);
      made.unshift(id);
      await projects.update(id, { status: 'ARCHIVED', createdAt: new Date(1_600_000_000_000 + n) });
    }
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await projects.findByStatus('ARCHIVED', { pageSize: 2, after });
      found.push(...page.items.map(({ id }) => id));
      after = page.nextCursor;
      if (after === null) break;
    }
    expect(found).toEqual(made);
  });

  test('come with their newest jobs, and with the figures of all', async () => {
    const { id } = await someProject(here);
    const jobs = here.getConversionJobRepository();
    for (let n = 0; n < 3; n += 1) {
      await jobs.create({ projectId: id, type: 'ANALYSIS', createdAt: new Date(1_700_000_000_000 + n) });
    }
    const read = () => elsewhere.getProjectRepository().findWithJobs(id, 2);
    const found = await read();
    expect(found?.jobs.map(({ createdAt }) => createdAt.getTime() % 10)).toEqual([2, 1]);
    expect(await elsewhere.getProjectRepository().findWithJobs(randomUUID())).toBeNull();
    await warm(read);
    const newest = found?.jobs[0]?.id ?? '';
    await jobs.cancel(newest);
    expect((await read())?.jobs[0]?.status).toBe('CANCELLED');
    expect(await elsewhere.getProjectRepository().figuresOf(id)).toMatchObject({
      total: 3,
      byStatus: { PENDING: 2, CANCELLED: 1 },
      successRate: null,
    });
  });

  test('are searched by name and description, within a filter', async () => {
    const project = await someProject(here, 'Needle in 100% hay');
    await someProject(here, 'needle elsewhere');
    const { ownerId } = project;
    const found = await here.getProjectRepository().search('needle IN 100%', { where: { ownerId } });
    expect(found).toMatchObject({ items: [{ id: project.id }], hasMore: false });
  });

  test('go only from one state to the next, and of two who try at once one succeeds', async () => {
    const projects = here.getProjectRepository();
    const { id } = await someProject(here);
    await expect(projects.changeStatus(id, 'COMPLETED')).rejects.toMatchObject({
      code: 'INVALID_TRANSITION',
      context: { model: 'Project', id, from: 'DRAFT', to: 'COMPLETED' },
    });
    const attempts = await Promise.allSettled(
      [here, elsewhere, here, elsewhere].map((factory) =>
        factory.getProjectRepository().changeStatus(id, 'ANALYZING'),
      ),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await projects.changeStatus(id, 'READY');
    await projects.changeStatus(id, 'CONVERTING');
    expect(await projects.changeStatus(id, 'COMPLETED')).toMatchObject({ status: 'COMPLETED' });
    await expect(projects.changeStatus(randomUUID(), 'READY')).rejects.toMatchObject({
      code: 'ENTITY_NOT_FOUND',
    });
  });
});
