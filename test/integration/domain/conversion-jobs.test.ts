import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DomainRepositoryFactory, InvalidTransitionError } from '../../../src/domain/index.js';
import { EntityNotFoundError } from '../../../src/errors.js';
import { countOperations, domainFactory, someProject } from '../../support/domain.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
let factory: DomainRepositoryFactory;
let projectId: string;
let redis: ReturnType<typeof sharedRedis>;

const cacheOf = () => ({ redisUrl: redis.url, prefix: redis.keyPrefix });

beforeAll(async () => {
  database = await createDatabase();
  redis = sharedRedis();
  factory = domainFactory({ databaseUrl: database.url, ...cacheOf() });
  await factory.initialize();
  projectId = (await someProject(factory)).id;
});

afterAll(async () => {
  await factory.shutdown();
  await database.drop();
});

const newJob = () => factory.getConversionJobRepository().create({ projectId, type: 'CONVERSION' });

describe('a conversion job', () => {
  test('goes from waiting through running to completed, and every step is seen by id', async () => {
    const jobs = factory.getConversionJobRepository();
    const { id } = await newJob();
    expect(await jobs.findById(id)).toMatchObject({ status: 'PENDING', attempts: 0 });
    await jobs.start(id);
    expect(await jobs.findById(id)).toMatchObject({ status: 'RUNNING', attempts: 1 });
    await jobs.updateProgress(id, 40);
    expect(await jobs.findById(id)).toMatchObject({ progress: 40 });
    await jobs.markCompleted(id, { files: 3 });
    expect(await jobs.findById(id)).toMatchObject({
      status: 'COMPLETED',
      progress: 100,
      result: { files: 3 },
    });
    expect((await jobs.findById(id))?.finishedAt).toBeInstanceOf(Date);
  });

  test('keeps the reason of its failure', async () => {
    const jobs = factory.getConversionJobRepository();
    const { id } = await newJob();
    await jobs.start(id);
    await jobs.markFailed(id, 'out of memory');
    expect(await jobs.findById(id)).toMatchObject({ status: 'FAILED', error: 'out of memory' });
  });

  test('never goes back in its progress, whatever order reports come in', async () => {
    const jobs = factory.getConversionJobRepository();
    const { id } = await newJob();
    await jobs.start(id);
    const reports = [10, 90, 30, 150, -5, 60];
    await Promise.all(reports.map((percent) => jobs.updateProgress(id, percent)));
    expect((await jobs.findById(id))?.progress).toBe(100);
    expect((await jobs.updateProgress(id, 20)).progress).toBe(100);
  });

  test('is started by one of two workers that try at once', async () => {
    const jobs = factory.getConversionJobRepository();
    const { id } = await newJob();
    const outcomes = await Promise.allSettled([jobs.start(id), jobs.start(id), jobs.start(id)]);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect((await jobs.findById(id))?.attempts).toBe(1);
  });

  test('refuses steps that its state does not allow', async () => {
    const jobs = factory.getConversionJobRepository();
    const { id } = await newJob();
    await expect(jobs.markCompleted(id, {})).rejects.toThrow(InvalidTransitionError);
    await expect(jobs.updateProgress(id, 5)).rejects.toThrow(InvalidTransitionError);
    await jobs.cancel(id);
    await expect(jobs.start(id)).rejects.toMatchObject({
      code: 'INVALID_TRANSITION',
      context: { id, from: 'CANCELLED', to: 'RUNNING' },
    });
    await expect(jobs.cancel(id)).rejects.toThrow(InvalidTransitionError);
  });

  test('that is not there is reported as missing', async () => {
    await expect(factory.getConversionJobRepository().start(randomUUID())).rejects.toThrow(
      EntityNotFoundError,
    );
  });

  test('refuses progress that is no number', async () => {
    const { id } = await newJob();
    await factory.getConversionJobRepository().start(id);
    await expect(factory.getConversionJobRepository().updateProgress(id, Number.NaN)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  test('is among the active ones while it waits or runs, oldest first', async () => {
    const jobs = factory.getConversionJobRepository();
    const [first, second, ended] = [await newJob(), await newJob(), await newJob()];
    await jobs.start(second.id);
    await jobs.cancel(ended.id);
    const active = (await jobs.findActive()).map((job) => job.id);
    expect(active.indexOf(first.id)).toBeLessThan(active.indexOf(second.id));
    expect(active).not.toContain(ended.id);
    expect((await jobs.findByProject(projectId)).map((job) => job.id)).toContain(ended.id);
  });
});

describe('a job that failed', () => {
  test('waits again, from the beginning, as often as it may', async () => {
    const jobs = factory.getConversionJobRepository();
    const { id } = await jobs.create({ projectId, type: 'CONVERSION', maxAttempts: 2 });
    await expect(jobs.retry(id)).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    for (const attempt of [1, 2]) {
      expect(await jobs.start(id)).toMatchObject({ attempts: attempt });
      await jobs.updateProgress(id, 50);
      await jobs.markFailed(id, 'no luck');
      if (attempt === 1) {
        expect(await jobs.retry(id)).toMatchObject({ status: 'PENDING', progress: 0, startedAt: null });
      }
    }
    await expect(jobs.retry(id)).rejects.toMatchObject({
      code: 'ATTEMPTS_EXHAUSTED',
      context: { id, attempts: 2, maxAttempts: 2 },
    });
  });
});

describe('claimNext', () => {
  test('gives each of many workers another job, the oldest first, and then none', async () => {
    const other = domainFactory({ databaseUrl: database.url, ...cacheOf() });
    await other.initialize();
    const jobs = factory.getConversionJobRepository();
    const made: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      const { id } = await jobs.create({
        projectId,
        type: 'EXPORT',
        createdAt: new Date(1_000_000_000_000 + n * 1_000),
      });
      made.push(id);
      // Cached as waiting, in both processes.
      await Promise.all([jobs.findById(id), other.getConversionJobRepository().findById(id)]);
    }
    const workers = [factory, other, factory, other, factory, other].map(async (worker) => {
      const claimed: string[] = [];
      for (;;) {
        const job = await worker.getConversionJobRepository().claimNext(['EXPORT']);
        if (job === null) return claimed;
        expect(job).toMatchObject({ status: 'RUNNING', attempts: 1 });
        expect(await jobs.findById(job.id)).toMatchObject({ status: 'RUNNING' });
        claimed.push(job.id);
      }
    });
    const claimed = await Promise.all(workers);
    expect(claimed.flat().toSorted()).toEqual(made.toSorted());
    for (const own of claimed) expect(own).toEqual(own.toSorted((a, b) => made.indexOf(a) - made.indexOf(b)));
    expect(await jobs.claimNext(['EXPORT'])).toBeNull();
    await other.shutdown();
  });
});

describe('findActive', () => {
  test('is read from the database every time, and holds what waits and runs', async () => {
    const jobs = factory.getConversionJobRepository();
    const { id } = await newJob();
    const count = await countOperations(factory, async () => {
      expect((await jobs.findActive(1_000)).map((job) => job.id)).toContain(id);
      expect((await jobs.findActive(1_000)).map((job) => job.id)).toContain(id);
    });
    expect(count).toEqual({ sql: 2, roundTrips: 0 });
    await jobs.cancel(id);
    expect((await jobs.findActive(1_000)).map((job) => job.id)).not.toContain(id);
  });
});

describe('cleanupOlderThan', () => {
  test('deletes what ended before a time, in batches, and nothing else', async () => {
    const jobs = factory.getConversionJobRepository();
    const old = new Date('2020-01-01');
    await jobs.createMany({
      data: Array.from({ length: 25 }, (_, n) => ({
        projectId,
        type: 'VALIDATION' as const,
        status: n % 5 === 0 ? ('RUNNING' as const) : ('COMPLETED' as const),
        finishedAt: n % 5 === 0 ? null : old,
      })),
    });
    const recent = await newJob();
    await jobs.cancel(recent.id);
    const before = new Date('2020-01-02');
    expect(await jobs.cleanupOlderThan(before, { batchSize: 6, maxBatches: 2 })).toBe(12);
    const statements = await countOperations(factory, async () => {
      expect(await jobs.cleanupOlderThan(before, { batchSize: 6 })).toBe(8);
    });
    expect(statements.sql).toBe(2 * 2 + 1);
    expect(await jobs.count({ where: { type: 'VALIDATION' } })).toBe(5);
    expect(await jobs.findById(recent.id)).not.toBeNull();
    expect(await jobs.cleanupOlderThan(before, { signal: AbortSignal.abort() })).toBe(0);
    await expect(jobs.cleanupOlderThan(new Date(Number.NaN))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    for (const batchSize of [0, 1.5, 1e9, Number.NaN]) {
      await expect(jobs.cleanupOlderThan(before, { batchSize })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });
});
