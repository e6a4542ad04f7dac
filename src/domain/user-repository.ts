import {
  BaseRepository,
  type EntityOf,
  inject,
  injectable,
  REPOSITORY_CONTEXT,
  type RepositoryContext,
} from '../repositories/index.js';
import type { PrismaClient } from './generated/prisma/client.js';

type Users = PrismaClient['user'];

/** People, and the accounts they sign in with. */
@injectable()
export class UserRepository extends BaseRepository<Users> {
  constructor(@inject(REPOSITORY_CONTEXT) context: RepositoryContext) {
    super(context, {
      model: 'User',
      idType: 'uuid',
      ttlSeconds: 600,
    });
  }

  /** The user with this GitHub account, or null. */
  findByGithubId(githubId: string): Promise<EntityOf<Users> | null> {
    return this.findByUnique('githubId', githubId);
  }

  /** The user with this address, as it was stored, or null. */
  findByEmail(email: string): Promise<EntityOf<Users> | null> {
    return this.findByUnique('email', email);
  }
}
