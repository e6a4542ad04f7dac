import type { KeysetPage, OffsetPage } from '../database/index.js';
import {
  type CursorRequest,
  type EntityOf,
  inject,
  injectable,
  type OffsetRequest,
  REPOSITORY_CONTEXT,
  type RepositoryContext,
} from '../repositories/index.js';
import { ConversionJobRepository } from './conversion-job-repository.js';
import { InvalidTransitionError } from './domain-errors.js';
import { ProjectRepository as GeneratedProjectRepository } from './generated/holdfast/repositories/project-repository.js';
import { type ConversionJob, type PrismaClient, ProjectStatus } from './generated/prisma/client.js';
import { countsOf, type JobFigures } from './job-figures.js';

/** A code base that a user wants converted. */
export type ProjectEntity = EntityOf<PrismaClient['project']>;

/** A project with what was done to it, newest first. */
export type ProjectWithJobs = ProjectEntity & { readonly jobs: readonly Readonly<ConversionJob>[] };

/** The projects of a user in figures. */
export interface ProjectFigures {
  readonly total: number;
  readonly byStatus: Readonly<Record<ProjectStatus, number>>;
}

/** Where a project may go from each state. */
const NEXT: Readonly<Record<ProjectStatus, readonly ProjectStatus[]>> = {
  DRAFT: ['ANALYZING', 'ARCHIVED'],
  ANALYZING: ['READY', 'FAILED'],
  READY: ['ANALYZING', 'CONVERTING', 'ARCHIVED'],
  CONVERTING: ['COMPLETED', 'FAILED', 'READY'],
  COMPLETED: ['ANALYZING', 'CONVERTING', 'ARCHIVED'],
  FAILED: ['ANALYZING', 'CONVERTING', 'ARCHIVED'],
  ARCHIVED: ['DRAFT'],
};

const NEWEST_FIRST = [{ createdAt: 'desc' }, { id: 'desc' }] as const;
const MAX_JOBS = 100;

/** The code bases that users want converted. */
@injectable()
export class ProjectRepository extends GeneratedProjectRepository {
  readonly #jobs: ConversionJobRepository;

  constructor(
    @inject(REPOSITORY_CONTEXT) context: RepositoryContext,
    @inject(ConversionJobRepository) jobs: ConversionJobRepository,
  ) {
    super(context, { searchFields: ['name', 'description'] });
    this.#jobs = jobs;
  }

  /** A user's projects, newest first. Invalidated by writes to projects of this user alone. */
  findByUser(ownerId: string, request: OffsetRequest = {}): Promise<OffsetPage<ProjectEntity>> {
    return this.findPage({ where: { ownerId }, orderBy: [...NEWEST_FIRST], ...request });
  }

  /** The projects in one state, newest first. */
  findByStatus(status: ProjectStatus, request: CursorRequest = {}): Promise<KeysetPage<ProjectEntity>> {
    return this.findCursorPage({ where: { status }, orderBy: [...NEWEST_FIRST], ...request });
  }

  /** A project with its newest jobs, or null. */
  async findWithJobs(id: string, limit = 20): Promise<ProjectWithJobs | null> {
    const jobs = { orderBy: [...NEWEST_FIRST], take: Math.min(limit, MAX_JOBS) };
    return this.findById(id, { include: { jobs } });
  }

  /** How many projects a user has, in all and in each state. */
  async figuresOfUser(ownerId: string): Promise<ProjectFigures> {
    const groups = await this.groupBy({ by: ['status'], where: { ownerId }, _count: { _all: true } });
    const byStatus = countsOf(Object.values(ProjectStatus), groups);
    const total = groups.reduce((sum, { _count }) => sum + _count._all, 0);
    return Object.freeze({ total, byStatus });
  }

  /** How the conversions of a project went. */
  figuresOf(id: string): Promise<JobFigures> {
    return this.#jobs.figures({ projectId: id });
  }

  /**
   * Takes a project on to another state, and returns it. Of several who try at once, from one state, one succeeds.
   *
   * @throws InvalidTransitionError when it cannot go there from where it is
   * @throws EntityNotFoundError when there is none
   */
  async changeStatus(id: string, to: ProjectStatus): Promise<ProjectEntity> {
    const from = Object.values(ProjectStatus).filter((status) => NEXT[status].includes(to));
    const changed = await this.updateIf(id, { status: { in: from } }, { status: to });
    if (changed !== null) return changed;
    const { status } = await this.findByIdOrThrow(id);
    throw new InvalidTransitionError('Project', id, status, to);
  }
}
