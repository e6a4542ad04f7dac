import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DomainRepositoryFactory, InvalidTransitionError } from '../../../src/domain/index.js';
import { EntityNotFoundError } from '../../../src/errors.js';
import { domainFactory, someProject } from '../../support/domain.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

let database: TestDatabase;
let factory: DomainRepositoryFactory;
let projectId: string;

beforeAll(async () => {
  database = await createDatabase();
  const redis = sharedRedis();
  factory = domainFactory({ databaseUrl: database.url, redisUrl: redis.url, prefix: redis.keyPrefix });
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
      context: { jobId: id, from: 'CANCELLED', to: 'RUNNING' },
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

describe('a user of the reference domain', () => {
  test('is found by GitHub account and by address', async () => {
    const users = factory.getUserRepository();
    const unique = randomUUID();
    const { id } = await users.create({ githubId: unique, email: `${unique}@x`, username: 'ada' });
    expect((await users.findByGithubId(unique))?.id).toBe(id);
    expect((await users.findByEmail(`${unique}@x`))?.id).toBe(id);
    expect(await users.findByEmail('nobody@x')).toBeNull();
  });
});

describe('projects of the reference domain', () => {
  test('are found by state, newest first', async () => {
    const projects = factory.getProjectRepository();
    const { id } = await someProject(factory);
    await projects.update(id, { status: 'ARCHIVED' });
    expect((await projects.findByStatus('ARCHIVED')).map((project) => project.id)).toEqual([id]);
  });
});
