import type { ModelNames } from '../naming.js';
import type { OutputModules } from '../output-modules.js';
import { fits } from './literal.js';
import { docComment, from, head } from './parts.js';
import { repositoryPath } from './repository-module.js';

const FILE = 'index.ts';

/** `index.ts`: the factory of all repositories. */
export function indexModule(models: readonly ModelNames[], modules: OutputModules): string {
  const own = (file: string) => modules.own(FILE, file);
  const entries = models.map(({ key, className }) => {
    const line = `  ${key}: ${className},`;
    return fits(line) ? `${line}\n` : `  ${key}:\n    ${className},\n`;
  });
  return [
    head(FILE),
    from(
      'import',
      [
        'createFacade',
        'type DefinedRepositoryFactory',
        'defineRepositoryFactory',
        'type Facade',
        'type FactorySchema',
        'type PrismaClientLike',
        'type RepositoryClasses',
      ],
      modules.library(FILE),
    ),
    from('import', ['PrismaClient'], modules.client(FILE)),
    from('import', ['schemaMetadata'], own('metadata')),
    ...models.map((names) => from('import', [names.className], own(repositoryPath(names)))),
    '\n',
    from('export', ['schemaHash', 'schemaMetadata'], own('metadata')),
    ...models.map((names) =>
      from('export', [`type ${names.idType}`, names.className], own(repositoryPath(names))),
    ),
    '\n',
    docComment(['The repositories of all models: `user` is what `getUserRepository()` gives.']),
    `export const repositories = {${entries.length === 0 ? '' : `\n${entries.join('')}`}} as const;\n`,
    '\n',
    TYPES,
    FACTORY,
  ].join('');
}

const TYPES = `export type Repositories = typeof repositories;

/** The repositories, with those of \`Overrides\` in place of the others. */
export type RepositoriesWith<Overrides extends RepositoryClasses> = {
  readonly [Key in keyof Repositories]: Key extends keyof Overrides ? Overrides[Key] : Repositories[Key];
};

`;

const FACTORY = `/**
 * Makes a factory class in which classes written by hand take the places of generated ones: \`defineFactory({ user:
 * UserRepository })\`.
 *
 * @param schema a name for the factory's connections, and extensions of the client
 */
export function defineFactory<
  Overrides extends RepositoryClasses,
  Client extends PrismaClientLike = PrismaClient,
>(
  overrides: Overrides & { readonly [Key in Exclude<keyof Overrides, keyof Repositories>]: never },
  schema: Pick<FactorySchema<PrismaClient, Client>, 'name' | 'extend'> = {},
): DefinedRepositoryFactory<RepositoriesWith<Overrides>, Client> {
  const all: RepositoryClasses = { ...repositories, ...overrides };
  const known = { PrismaClient, metadata: schemaMetadata, ...schema };
  return defineRepositoryFactory(all as RepositoriesWith<Overrides>, known);
}

/** The factory of all generated repositories. */
export const GeneratedRepositoryFactory = defineFactory({});

export type GeneratedRepositoryFactory = InstanceType<typeof GeneratedRepositoryFactory>;

/** The factory of this process, on the settings of the environment. It connects at first use. */
export const repositoryFactory: GeneratedRepositoryFactory = GeneratedRepositoryFactory.getInstance();

/** The data layer of that factory behind one object. */
export const db: Facade<PrismaClient> = createFacade(repositoryFactory);
`;
