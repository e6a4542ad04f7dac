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
      // A user's projects go with the account, and their jobs with them; jobs asked for elsewhere lose their user.
      dependents: ['Project', 'ConversionJob'],
    });
  }

  /** The user with this GitHub account, or null. */
  async findByGithubId(githubId: string): Promise<EntityOf<Users> | null> {
    const [user] = await this.findMany({ where: { githubId }, take: 1 });
    return user ?? null;
  }

  /** The user with this address, as it was stored, or null. */
  async findByEmail(email: string): Promise<EntityOf<Users> | null> {
    const [user] = await this.findMany({ where: { email }, take: 1 });
    return user ?? null;
  }
}
