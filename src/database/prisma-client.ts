import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { WiringError } from '../errors.js';
import { clientShape } from './client-shape.js';

/** What holdfast needs of a Prisma client besides its model delegates. */
export interface PrismaClientLike {
  /** Starts its engine. */
  $connect(): Promise<void>;
  /** Ends its engine. */
  $disconnect(): Promise<void>;
  /** Runs a function in a transaction. */
  $transaction<Result>(
    work: (transaction: object) => Promise<Result>,
    options?: { readonly maxWait?: number; readonly timeout?: number },
  ): Promise<Result>;
}

/** What a Prisma client offers inside a transaction. */
export type PrismaTransaction<Client> = Omit<
  Client,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$use' | '$extends'
>;

/** The class that `prisma generate` makes, as far as it is used here. */
export type PrismaClientClass<Client extends PrismaClientLike> = new (options: {
  adapter: PrismaPg;
  errorFormat?: 'minimal';
}) => Client;

/**
 * Prisma's adapter on holdfast's pool. `PrismaPg` knows a pool by `instanceof`, so one that came from a second copy of
 * pg would be taken for settings, and Prisma would silently connect to the default address. This one looks.
 */
class SharedPoolAdapter extends PrismaPg {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    super(pool);
    this.#pool = pool;
  }

  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    if (adapter.underlyingDriver() !== this.#pool) {
      throw new WiringError(
        'Prisma did not take the shared pool, because two copies of pg are installed. Run "npm ls pg" and let ' +
          'holdfast, @prisma/adapter-pg and the application use one version.',
      );
    }
    return adapter;
  }
}

/** Clients that were made here and to which nothing was added, and the pool of each. */
const plainClients = new WeakMap<object, pg.Pool>();

/** Whether what this client returns is what Prisma makes of the rows that this pool's connections see, and no more. */
export function isPlainClientOn(client: object, pool: { readonly pgPool: pg.Pool }): boolean {
  return plainClients.get(client) === pool.pgPool;
}

/** Makes the application's Prisma client, on the shared pool. Opens no connection. */
export function createPrismaClient<Client extends PrismaClientLike>(
  PrismaClient: PrismaClientClass<Client>,
  pool: { readonly pgPool: pg.Pool; usePrisma(prisma: PrismaClientLike): void },
): Client {
  const client = make(PrismaClient, new SharedPoolAdapter(pool.pgPool));
  // A class of the application's own may omit fields, or extend the client as it is made.
  if (clientShape(client) === '') plainClients.set(client, pool.pgPool);
  pool.usePrisma(client);
  return client;
}

/** What a generated client is made from, as far as a client tells. */
export interface ClientDescription {
  /** Changes with the schema, and with the version of Prisma. */
  readonly text: string;
  readonly models: readonly string[];
}

/** Takes some milliseconds, since a client tells it only when it is made. */
export function describeClient(PrismaClient: PrismaClientClass<PrismaClientLike>): ClientDescription {
  // Properties that are not documented. Were they gone, clients of several schemas would be told apart by nothing here.
  const client = make(PrismaClient, new PrismaPg({})) as PrismaClientLike & {
    readonly _clientVersion?: unknown;
    readonly _engineConfig?: { readonly inlineSchema?: unknown };
    readonly _runtimeDataModel?: { readonly models?: object };
  };
  const { _clientVersion: version, _engineConfig: engine, _runtimeDataModel: dataModel } = client;
  return {
    text: JSON.stringify([version, engine?.inlineSchema, dataModel]),
    models: Object.keys(dataModel?.models ?? {}),
  };
}

function make<Client extends PrismaClientLike>(
  PrismaClient: PrismaClientClass<Client>,
  adapter: PrismaPg,
): Client {
  // The other formats show the source around the call, which is holdfast's and says nothing to the application.
  return new PrismaClient({ adapter, errorFormat: 'minimal' });
}
