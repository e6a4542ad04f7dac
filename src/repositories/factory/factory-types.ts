import type { Config, Logger } from '../../config/index.js';
import type {
  PrismaClientClass,
  PrismaClientLike,
  RedactParameter,
  SchemaMetadata,
} from '../../database/index.js';
import type { DependencyContainer } from '../container.js';
import type { RepositoryHealth } from '../repository-reports.js';

/** What `healthCheck` needs of a repository. */
export interface CheckableRepository {
  /** How its table and its cache are; never rejects. */
  healthCheck(): Promise<RepositoryHealth>;
}

/** A repository class: given a `RepositoryContext`, or what its constructor has `@inject` for. */
// biome-ignore lint/suspicious/noExplicitAny: a class's parameters can be constrained by nothing narrower
export type RepositoryClass = new (...args: any[]) => CheckableRepository;

/** Repository classes by their names in the factory. */
export type RepositoryClasses = Readonly<Record<string, RepositoryClass>>;

/** What may be given in code instead of being found in the environment. */
export interface RepositoryFactoryOptions {
  /** @default loadConfig(), at first use */
  readonly config?: Config;
  /** @default pino, as the configuration says */
  readonly logger?: Logger;
  /** What is shown of a statement's parameters where `DATABASE_LOG_QUERY_PARAMS` has them logged. @default all */
  readonly redactParameter?: RedactParameter;
  /**
   * Called with the factory's own container at first use, and after each new start, before anything is made. What it
   * registers under one of `TOKENS`, a `repositoryToken(name)` or a repository's class takes the place of the default.
   * What it gives is not the factory's to close.
   */
  readonly register?: (container: DependencyContainer) => void;
}

/** The application's schema, and the client for it. */
export interface FactorySchema<Base extends PrismaClientLike, Client extends PrismaClientLike = Base> {
  readonly PrismaClient: PrismaClientClass<Base>;
  /**
   * What its models are in the database.
   *
   * @default what the client tells, and of all else the worst: right, but many writes then invalidate more than they change
   */
  readonly metadata?: SchemaMetadata;
  /**
   * Under which name a process knows it, where it has several: the instances that `getInstance` of the same name gives
   * share their connections, also when a module is evaluated anew.
   *
   * @default 'default'
   */
  readonly name?: string;
  /**
   * Adds extensions to the client: `(client: PrismaClient) => client.$extends(...)`, with the parameter's type, which the
   * compiler does not find by itself. What it returns is used everywhere, in repositories and in transactions.
   *
   * Cached entities hold the computed fields as they were when the row was read. So what an extension makes of a result
   * must follow from the row, and what it makes of a query from the arguments: a filter by who is asking belongs into a
   * repository's `scope`.
   */
  extend?(client: Base): Client;
}
