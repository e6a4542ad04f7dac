import { inject, injectable, REPOSITORY_CONTEXT, type RepositoryContext } from '../repositories/index.js';
import { ConversionJobRepository } from './conversion-job-repository.js';
import { UserRepository as GeneratedUserRepository } from './generated/holdfast/repositories/user-repository.js';
import type { JobFigures } from './job-figures.js';
import { type ProjectFigures, ProjectRepository } from './project-repository.js';

/** What a user has and has done, in figures. */
export interface UserFigures {
  readonly projects: ProjectFigures;
  /** The jobs that the user asked for. */
  readonly jobs: JobFigures;
}

/** People, and the accounts they sign in with. */
@injectable()
export class UserRepository extends GeneratedUserRepository {
  readonly #projects: ProjectRepository;
  readonly #jobs: ConversionJobRepository;

  constructor(
    @inject(REPOSITORY_CONTEXT) context: RepositoryContext,
    @inject(ProjectRepository) projects: ProjectRepository,
    @inject(ConversionJobRepository) jobs: ConversionJobRepository,
  ) {
    super(context, { searchFields: ['username', 'name', 'email'] });
    this.#projects = projects;
    this.#jobs = jobs;
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
