import { PrismaPg } from '@prisma/adapter-pg';
import { WiringError } from '../errors.js';
import type { ConnectionPool } from './connection-pool.js';

/** What holdfast needs of a Prisma client besides its model delegates. */
export interface PrismaClientLike {
  $connect(): Promise<void>;
  $disconnect(): Promise<void>;
}

/** The class that `prisma generate` makes, as far as it is used here. */
export type PrismaClientClass<Client extends PrismaClientLike> = new (options: {
  adapter: PrismaPg;
}) => Client;

/**
 * Prisma's adapter on holdfast's pool. `PrismaPg` knows a pool by `instanceof`, so one that came from a second copy of
 * pg would be taken for settings, and Prisma would silently connect to the default address. This one looks.
 */
class SharedPoolAdapter extends PrismaPg {
  readonly #pool: ConnectionPool;

  constructor(pool: ConnectionPool) {
    super(pool.pgPool);
    this.#pool = pool;
  }

  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    if (adapter.underlyingDriver() !== this.#pool.pgPool) {
      throw new WiringError(
        'Prisma did not take the shared pool, because two copies of pg are installed. Run "npm ls pg" and let ' +
          'holdfast, @prisma/adapter-pg and the application use one version.',
      );
    }
    return adapter;
  }
}

/** Makes the application's Prisma client, on the shared pool. Opens no connection. */
export function createPrismaClient<Client extends PrismaClientLike>(
  PrismaClient: PrismaClientClass<Client>,
  pool: ConnectionPool,
): Client {
  return new PrismaClient({ adapter: new SharedPoolAdapter(pool) });
}
