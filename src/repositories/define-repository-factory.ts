import type { PrismaClientLike } from '../database/index.js';
import { WiringError } from '../errors.js';
import {
  type FactorySchema,
  type RepositoryClass,
  RepositoryFactory,
  type RepositoryFactoryOptions,
} from './repository-factory.js';

/** For each key a getter: `user` gives `getUserRepository()`. */
export type RepositoryGetters<Repositories extends Readonly<Record<string, RepositoryClass>>> = {
  readonly [Key in keyof Repositories & string as `get${Capitalize<Key>}Repository`]: () => InstanceType<
    Repositories[Key]
  >;
};

/** A factory class for one schema. */
export interface DefinedRepositoryFactory<
  Repositories extends Readonly<Record<string, RepositoryClass>>,
  Client extends PrismaClientLike,
> {
  new (options?: RepositoryFactoryOptions): RepositoryFactory<Client> & RepositoryGetters<Repositories>;
  /** The one of this process, on the settings of the environment. */
  getInstance(): RepositoryFactory<Client> & RepositoryGetters<Repositories>;
}

/**
 * Makes the factory class of an application: `RepositoryFactory` with a typed getter for each repository.
 *
 * @example
 * const AppRepositoryFactory = defineRepositoryFactory({ user: UserRepository }, { PrismaClient });
 * export const repositoryFactory = AppRepositoryFactory.getInstance();
 * await repositoryFactory.getUserRepository().findById(id);
 *
 * @throws WiringError when a key cannot make the name of a getter
 */
export function defineRepositoryFactory<
  Repositories extends Readonly<Record<string, RepositoryClass>>,
  Client extends PrismaClientLike,
>(repositories: Repositories, schema: FactorySchema<Client>): DefinedRepositoryFactory<Repositories, Client> {
  const own = Object.freeze({ ...repositories });

  class AppRepositoryFactory extends RepositoryFactory<Client> {
    static #instance: AppRepositoryFactory | null = null;

    static getInstance(): AppRepositoryFactory {
      AppRepositoryFactory.#instance ??= new AppRepositoryFactory();
      return AppRepositoryFactory.#instance;
    }

    constructor(factoryOptions: RepositoryFactoryOptions = {}) {
      super(schema, own, factoryOptions);
    }
  }

  for (const key of Object.keys(own)) {
    if (!/^[a-z][A-Za-z0-9]*$/.test(key)) {
      throw new WiringError(
        `"${key}" cannot name a repository: write it in camelCase, as in "conversionJob".`,
      );
    }
    Object.defineProperty(AppRepositoryFactory.prototype, getterName(key), {
      value(this: AppRepositoryFactory) {
        return this.repository(key);
      },
    });
  }
  // The getters were added just above, which a class expression cannot tell the compiler.
  return AppRepositoryFactory as unknown as DefinedRepositoryFactory<Repositories, Client>;
}

function getterName(key: string): string {
  return `get${key.charAt(0).toUpperCase()}${key.slice(1)}Repository`;
}
