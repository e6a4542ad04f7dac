import {
  BaseRepository,
  type EntityOf,
  inject,
  injectable,
  REPOSITORY_CONTEXT,
  type RepositoryContext,
} from '../repositories/index.js';
import type { PrismaClient, ProjectStatus } from './generated/prisma/client.js';

type Projects = PrismaClient['project'];

/** The code bases that users want converted. */
@injectable()
export class ProjectRepository extends BaseRepository<Projects> {
  constructor(@inject(REPOSITORY_CONTEXT) context: RepositoryContext) {
    super(context, {
      model: 'Project',
      idType: 'uuid',
      ttlSeconds: 300,
    });
  }

  /** A user's newest projects. */
  async findByUser(ownerId: string, limit = 50): Promise<readonly EntityOf<Projects>[]> {
    return this.findMany({ where: { ownerId }, orderBy: { createdAt: 'desc' }, take: limit });
  }

  /** The newest projects in one state. */
  async findByStatus(status: ProjectStatus, limit = 50): Promise<readonly EntityOf<Projects>[]> {
    return this.findMany({ where: { status }, orderBy: { createdAt: 'desc' }, take: limit });
  }
}
