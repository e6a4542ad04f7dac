import type { PrismaClientLike } from '../database/index.js';
import { WiringError } from '../errors.js';
import type { FactorySchema, RepositoryClasses, RepositoryFactoryOptions } from './factory/factory-types.js';
import { RepositoryFactory } from './repository-factory.js';

/** For each key a getter: `user` gives `getUserRepository()`. */
export type RepositoryGetters<Repositories extends RepositoryClasses> = {
  readonly [Key in keyof Repositories & string as `get${Capitalize<Key>}Repository`]: () => InstanceType<
    Repositories[Key]
  >;
};

/** Other classes in place of some. */
export type RepositoryOverrides<Repositories extends RepositoryClasses> = {
  readonly [Key in keyof Repositories]?: RepositoryClasses[string];
};

/** The classes with the others in their place. */
export type Overridden<
  Repositories extends RepositoryClasses,
  Overrides extends RepositoryOverrides<Repositories>,
> = {
  readonly [Key in keyof Repositories]: Key extends keyof Overrides
    ? Overrides[Key] extends RepositoryClasses[string]
      ? Overrides[Key]
      : Repositories[Key]
    : Repositories[Key];
};

/** A factory class for one schema. */
export interface DefinedRepositoryFactory<
  Repositories extends RepositoryClasses,
  Client extends PrismaClientLike,
> {
  /** With classes in place of some that it was defined with: the getters are typed after them. */
  new <Overrides extends RepositoryOverrides<Repositories>>(
    options: RepositoryFactoryOptions & { readonly repositories: Overrides },
  ): RepositoryFactory<Client> & RepositoryGetters<Overridden<Repositories, Overrides>>;
  new (options?: RepositoryFactoryOptions): RepositoryFactory<Client> & RepositoryGetters<Repositories>;
  /**
   * The one of this process, on the settings of the environment. Where a dev server evaluates the module again, what it
   * gives then has the connections of the one before: see docs/decisions/0018.
   */
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
  Repositories extends RepositoryClasses,
  Base extends PrismaClientLike,
  Client extends PrismaClientLike = Base,
>(
  repositories: Repositories,
  schema: FactorySchema<Base, Client>,
): DefinedRepositoryFactory<Repositories, Client> {
  const own = Object.freeze({ ...repositories });

  class AppRepositoryFactory extends RepositoryFactory<Client> {
    static #instance: AppRepositoryFactory | null = null;

    static getInstance(): AppRepositoryFactory {
      AppRepositoryFactory.#instance ??= new AppRepositoryFactory({}, true);
      return AppRepositoryFactory.#instance;
    }

    constructor(factoryOptions: RepositoryFactoryOptions = {}, shared = false) {
      super(schema as unknown as FactorySchema<PrismaClientLike, Client>, own, factoryOptions, shared);
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
