import { InvalidArgumentError } from '../errors.js';
import type { EntityOf } from '../repositories/index.js';
import { AttemptsExhaustedError, InvalidTransitionError } from './domain-errors.js';
import { ConversionJobRepository as GeneratedConversionJobRepository } from './generated/holdfast/repositories/conversion-job-repository.js';
import { JobStatus, JobType, type Prisma, type PrismaClient } from './generated/prisma/client.js';
import { type JobFigures, jobFiguresOf } from './job-figures.js';

/** One run of the converter over one project. */
export type Job = EntityOf<PrismaClient['conversionJob']>;

/** Whose jobs: of one project, or of one user. */
export type JobOwner = { readonly projectId: string } | { readonly userId: string };

/** How old jobs are to be cleared away. */
export interface CleanupOptions {
  /** How many rows one statement deletes. @default 1000 */
  readonly batchSize?: number;
  /** After so many batches it ends, though there may be more. @default none */
  readonly maxBatches?: number;
  /** Ends it between two batches. */
  readonly signal?: AbortSignal;
}

const ENDED: readonly JobStatus[] = [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED];
const MAX_BATCH = 10_000;

/** Runs of the converter, through their life: PENDING, RUNNING, then COMPLETED, FAILED or CANCELLED. */
export class ConversionJobRepository extends GeneratedConversionJobRepository {
  /** Jobs that wait or run, oldest first: never from the cache, since who asks wants to act on it. */
  async findActive(limit = 100): Promise<readonly Job[]> {
    return this.findMany(
      {
        where: { status: { in: [JobStatus.PENDING, JobStatus.RUNNING] } },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        take: limit,
      },
      { cache: false },
    );
  }

  /** A project's newest jobs. */
  async findByProject(projectId: string, limit = 50): Promise<readonly Job[]> {
    return this.findMany({
      where: { projectId },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit,
    });
  }

  /** How many jobs there are in each state, and how often they end well. */
  async figures(of: JobOwner): Promise<JobFigures> {
    return jobFiguresOf(await this.groupBy({ by: ['status'], where: of, _count: { _all: true } }));
  }

  /**
   * Takes the oldest job that waits, and starts it; null when none does. Of several workers at once each gets another, and
   * none waits for one that is being taken.
   *
   * @param types only jobs of these types
   */
  async claimNext(types: readonly JobType[] = Object.values(JobType)): Promise<Job | null> {
    return this.context.pool.transaction(
      async (transaction) => {
        const [next] = await transaction.query<{ readonly id: string }>(
          `SELECT id FROM conversion_jobs WHERE status = 'PENDING' AND type::text = ANY($1)
           ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
          [types],
        );
        return next === undefined ? null : this.start(next.id);
      },
      { name: 'claimNext' },
    );
  }

  /** @throws InvalidTransitionError when the job does not wait */
  start(id: string): Promise<Job> {
    return this.#transition(id, [JobStatus.PENDING], {
      status: JobStatus.RUNNING,
      startedAt: new Date(),
      finishedAt: null,
      attempts: { increment: 1 },
    });
  }

  /**
   * Notes how far the job is, in per cent. Progress never goes back: a report that came late changes nothing.
   *
   * @throws InvalidTransitionError when the job does not run
   * @throws InvalidArgumentError when the progress is no number
   */
  async updateProgress(id: string, progress: number): Promise<Job> {
    if (!Number.isFinite(progress)) throw new InvalidArgumentError('progress is a number, 0 to 100.');
    const percent = Math.round(Math.min(100, Math.max(0, progress)));
    const isAhead = { status: JobStatus.RUNNING, progress: { lt: percent } };
    const changed = await this.updateIf(id, isAhead, { progress: percent });
    const job = changed ?? (await this.findByIdOrThrow(id));
    if (job.status !== JobStatus.RUNNING) {
      throw new InvalidTransitionError('ConversionJob', id, job.status, 'progress');
    }
    return job;
  }

  /** @throws InvalidTransitionError when the job does not run */
  markCompleted(id: string, result: Prisma.InputJsonValue): Promise<Job> {
    return this.#transition(id, [JobStatus.RUNNING], {
      status: JobStatus.COMPLETED,
      progress: 100,
      result,
      error: null,
      finishedAt: new Date(),
    });
  }

  /** @throws InvalidTransitionError when the job does not run */
  markFailed(id: string, error: string): Promise<Job> {
    return this.#transition(id, [JobStatus.RUNNING], {
      status: JobStatus.FAILED,
      error,
      finishedAt: new Date(),
    });
  }

  /** @throws InvalidTransitionError when the job has ended */
  cancel(id: string): Promise<Job> {
    return this.#transition(id, [JobStatus.PENDING, JobStatus.RUNNING], {
      status: JobStatus.CANCELLED,
      finishedAt: new Date(),
    });
  }

  /**
   * Lets a job that failed wait again, from the beginning, unless it was tried as often as it may be.
   *
   * @throws InvalidTransitionError when the job has not failed
   * @throws AttemptsExhaustedError when it has no attempts left
   */
  async retry(id: string): Promise<Job> {
    const { attempts, maxAttempts, status } = await this.findByIdOrThrow(id);
    if (status === JobStatus.FAILED && attempts >= maxAttempts) {
      throw new AttemptsExhaustedError(id, attempts, maxAttempts);
    }
    return this.#transition(id, [JobStatus.FAILED], {
      status: JobStatus.PENDING,
      progress: 0,
      startedAt: null,
      finishedAt: null,
    });
  }

  /**
   * Deletes jobs that ended before a time, in batches, each by itself, so that no lock is held long. Resolves to how many.
   *
   * @throws InvalidArgumentError for a time or a size that is none
   */
  async cleanupOlderThan(
    time: Date,
    { batchSize = 1_000, maxBatches = Number.POSITIVE_INFINITY, signal }: CleanupOptions = {},
  ): Promise<number> {
    if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('cleanupOlderThan needs a valid date.');
    if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > MAX_BATCH) {
      throw new InvalidArgumentError(`batchSize must be a whole number from 1 to ${MAX_BATCH}.`);
    }
    const where = { status: { in: [...ENDED] }, finishedAt: { lt: time } };
    let deleted = 0;
    for (let batch = 0; batch < maxBatches && signal?.aborted !== true; batch += 1) {
      const old = await this.findMany({ where, select: { id: true }, take: batchSize }, { cache: false });
      if (old.length === 0) break;
      deleted += (await this.deleteMany({ where: { ...where, id: { in: old.map(({ id }) => id) } } })).count;
    }
    return deleted;
  }

  async #transition(
    id: string,
    from: readonly JobStatus[],
    data: Prisma.ConversionJobUpdateInput & { readonly status: JobStatus },
  ): Promise<Job> {
    const changed = await this.updateIf(id, { status: { in: [...from] } }, data);
    if (changed !== null) return changed;
    const job = await this.findByIdOrThrow(id);
    throw new InvalidTransitionError('ConversionJob', id, job.status, data.status);
  }
}
