import { InvalidArgumentError } from '../errors.js';
import {
  BaseRepository,
  type EntityOf,
  inject,
  injectable,
  REPOSITORY_CONTEXT,
  type RepositoryContext,
} from '../repositories/index.js';
import { InvalidTransitionError } from './domain-errors.js';
import { JobStatus, type Prisma, type PrismaClient } from './generated/prisma/client.js';

type Jobs = PrismaClient['conversionJob'];

/** One run of the converter over one project. */
export type Job = EntityOf<Jobs>;

/** Runs of the converter, through their life: PENDING, RUNNING, then COMPLETED, FAILED or CANCELLED. */
@injectable()
export class ConversionJobRepository extends BaseRepository<Jobs> {
  constructor(@inject(REPOSITORY_CONTEXT) context: RepositoryContext) {
    super(context, { model: 'ConversionJob', idType: 'uuid', ttlSeconds: 180 });
  }

  /** Jobs that wait or run, oldest first. */
  async findActive(limit = 100): Promise<readonly Job[]> {
    return this.findMany({
      where: { status: { in: [JobStatus.PENDING, JobStatus.RUNNING] } },
      orderBy: { createdAt: 'asc' },
      take: limit,
    });
  }

  /** A project's newest jobs. */
  async findByProject(projectId: string, limit = 50): Promise<readonly Job[]> {
    return this.findMany({ where: { projectId }, orderBy: { createdAt: 'desc' }, take: limit });
  }

  /** @throws InvalidTransitionError when the job does not wait */
  start(id: string): Promise<Job> {
    return this.#transition(id, [JobStatus.PENDING], {
      status: JobStatus.RUNNING,
      startedAt: new Date(),
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
    const changed = await this.#changeWhere(
      id,
      { status: JobStatus.RUNNING, progress: { lt: percent } },
      { progress: percent },
    );
    const job = changed ?? (await this.findByIdOrThrow(id));
    if (job.status !== JobStatus.RUNNING)
      throw new InvalidTransitionError(String(id), job.status, 'progress');
    return job;
  }

  /** @throws InvalidTransitionError when the job does not run */
  markCompleted(id: string, result: Prisma.InputJsonValue): Promise<Job> {
    return this.#transition(id, [JobStatus.RUNNING], {
      status: JobStatus.COMPLETED,
      progress: 100,
      result,
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

  async #transition(
    id: string,
    from: readonly JobStatus[],
    data: Prisma.ConversionJobUpdateInput & { readonly status: JobStatus },
  ): Promise<Job> {
    const changed = await this.#changeWhere(id, { status: { in: [...from] } }, data);
    if (changed !== null) return changed;
    const job = await this.findByIdOrThrow(id);
    throw new InvalidTransitionError(String(id), job.status, data.status);
  }

  /** Changes the job if it is as `where` says, in one statement, so that two workers never both succeed. */
  async #changeWhere(
    id: string,
    where: Prisma.ConversionJobWhereInput,
    data: Prisma.ConversionJobUpdateManyMutationInput,
  ): Promise<Job | null> {
    const canonical = this.canonicalId(id);
    // As an update of one row by its id, which is what it comes to.
    const effects = {
      operation: 'update',
      args: { where: { id: canonical }, data },
      ids: [canonical],
    } as const;
    const changed = await this.write(effects, (prisma: PrismaClient) =>
      prisma.conversionJob.updateManyAndReturn({ where: { ...where, id: canonical }, data }),
    );
    return changed[0] ?? null;
  }
}
