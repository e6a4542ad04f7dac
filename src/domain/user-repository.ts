import {
  BaseRepository,
  type EntityOf,
  inject,
  injectable,
  REPOSITORY_CONTEXT,
  type RepositoryContext,
} from '../repositories/index.js';
import { ConversionJobRepository } from './conversion-job-repository.js';
import type { PrismaClient } from './generated/prisma/client.js';
import type { JobFigures } from './job-figures.js';
import { type ProjectFigures, ProjectRepository } from './project-repository.js';

type Users = PrismaClient['user'];

/** What a user has and has done, in figures. */
export interface UserFigures {
  readonly projects: ProjectFigures;
  /** The jobs that the user asked for. */
  readonly jobs: JobFigures;
}

/** People, and the accounts they sign in with. */
@injectable()
export class UserRepository extends BaseRepository<Users> {
  readonly #projects: ProjectRepository;
  readonly #jobs: ConversionJobRepository;

  constructor(
    @inject(REPOSITORY_CONTEXT) context: RepositoryContext,
    @inject(ProjectRepository) projects: ProjectRepository,
    @inject(ConversionJobRepository) jobs: ConversionJobRepository,
  ) {
    super(context, {
      model: 'User',
      ttlSeconds: 600,
      searchFields: ['username', 'name', 'email'],
    });
    this.#projects = projects;
    this.#jobs = jobs;
  }

  /** The user with this GitHub account, or null. */
  findByGithubId(githubId: string): Promise<EntityOf<Users> | null> {
    return this.findByUnique('githubId', githubId);
  }

  /** The user with this address, as it was stored, or null. */
  findByEmail(email: string): Promise<EntityOf<Users> | null> {
    return this.findByUnique('email', email);
  }

  /** What a user has and has done; all zero for one who is not there. What others do does not invalidate it. */
  async figuresOf(id: string): Promise<UserFigures> {
    const [projects, jobs] = await Promise.all([
      this.#projects.figuresOfUser(id),
      this.#jobs.figures({ userId: id }),
    ]);
    return Object.freeze({ projects, jobs });
  }
}
