import type { SchemaMetadata } from '../../database/index.js';
import { delegateName } from '../access/model-access.js';
import type { AnyDelegate, AnyRepository } from '../any-repository.js';
import { ReadOnlyRepository } from '../read-only-repository.js';
import type { RepositoryContext } from '../repository-context.js';
import type { ReadOptions } from '../repository-options.js';
import type { CacheArgs, CachedModels } from './facade-types.js';

/** The repository of a model, where the application has one. */
export type RepositoryOfModel = (model: string) => AnyRepository | null;

/** Of a model for which the application has no repository. */
class PlainRepository extends ReadOnlyRepository<AnyDelegate, unknown> {
  constructor(context: RepositoryContext, model: string) {
    super(context, { model });
  }
}

const READS = ['findUnique', 'findFirst', 'findMany', 'count', 'aggregate', 'groupBy'] as const;

type Read = (args?: CacheArgs) => Promise<unknown>;

/** A repository for each model: the application's, or a plain one. */
export class ModelRepositories {
  readonly #contextOf: () => RepositoryContext;
  readonly #repositoryOf: RepositoryOfModel;
  /** By context, since after a shutdown there is another, with another cache. */
  readonly #plain = new WeakMap<RepositoryContext, Map<string, PlainRepository>>();

  constructor(contextOf: () => RepositoryContext, repositoryOf: RepositoryOfModel) {
    this.#contextOf = contextOf;
    this.#repositoryOf = repositoryOf;
  }

  /** @throws WiringError when the schema has no such model */
  of(model: string): AnyRepository {
    const own = this.#repositoryOf(model);
    if (own !== null) return own;
    const context = this.#contextOf();
    const plain = this.#plain.get(context) ?? new Map<string, PlainRepository>();
    this.#plain.set(context, plain);
    const found = plain.get(model) ?? new PlainRepository(context, model);
    plain.set(model, found);
    return found;
  }
}

/** The reads of each model, by the names that its delegate has in the client. */
export function cachedModels<Client>(
  metadata: SchemaMetadata,
  repositories: ModelRepositories,
): CachedModels<Client> {
  const models = Object.keys(metadata.models).map((model) => {
    const reads = READS.map((name): readonly [string, Read] => [
      name,
      async ({ ttl, tags, ...query } = {}) => {
        return repositories.of(model)[name](query as never, optionsOf(ttl, tags));
      },
    ]);
    return [delegateName(model), Object.freeze(Object.fromEntries(reads))] as const;
  });
  return Object.freeze(Object.fromEntries(models)) as unknown as CachedModels<Client>;
}

function optionsOf(ttl: number | undefined, tags: readonly string[] | undefined): ReadOptions {
  return { ...(ttl !== undefined && { ttlSeconds: ttl }), ...(tags !== undefined && { tags }) };
}
