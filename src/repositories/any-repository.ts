import { ReadOnlyRepository } from './read-only-repository.js';

/** The delegate of a model that is not known to the compiler: everything fits. */
export type AnyDelegate = {
  // biome-ignore lint/suspicious/noExplicitAny: Prisma's types of a delegate are made of these
  readonly [key: symbol]: { types: { payload: any; operations: any } };
};

/** A repository of a model that is not known to the compiler. */
export type AnyRepository = ReadOnlyRepository<AnyDelegate, unknown>;

export function isRepository(value: unknown): value is AnyRepository {
  return value instanceof ReadOnlyRepository;
}
