import type { DomainRepositoryFactory } from '../../../src/domain/index.js';
import type { ProjectFilter } from './adapter.js';

/** Methods of the project repository that not every version has. */
interface LaterMethods {
  count(args: { readonly where: ProjectFilter }): Promise<number>;
  updateMany(args: {
    readonly where: ProjectFilter;
    readonly data: { readonly name: string };
  }): Promise<number | { readonly count: number }>;
  deleteMany(args: { readonly where: ProjectFilter }): Promise<number | { readonly count: number }>;
}

/** The same on Prisma, for versions that lack them: what is changed that way is announced as any project. */
export interface ManyProjects {
  readonly missing: readonly string[];
  count(where: ProjectFilter): Promise<number>;
  update(where: ProjectFilter, data: { readonly name: string }): Promise<number>;
  delete(where: ProjectFilter): Promise<number>;
}

/** The one place that knows which methods may be missing. */
export function manyProjects(factory: DomainRepositoryFactory): ManyProjects {
  const repository = factory.getProjectRepository();
  const methods = repository as unknown as Partial<LaterMethods>;
  // `write` is for subclasses; here it stands in for one that a version without these methods would have.
  const announced = repository as unknown as {
    write<T>(
      effects: { readonly ids: readonly string[]; readonly models: readonly string[] },
      run: (prisma: DomainRepositoryFactory['prisma']) => Promise<T>,
    ): Promise<T>;
  };
  const effects = { ids: [], models: ['Project', 'ConversionJob'] };
  const names = ['count', 'updateMany', 'deleteMany'] as const;
  return {
    missing: names.filter((name) => typeof methods[name] !== 'function'),
    count: (where) => methods.count?.({ where }) ?? factory.prisma.project.count({ where }),
    update: async (where, data) =>
      countOf(
        await (methods.updateMany?.({ where, data }) ??
          announced.write(effects, (prisma) => prisma.project.updateMany({ where, data }))),
      ),
    delete: async (where) =>
      countOf(
        await (methods.deleteMany?.({ where }) ??
          announced.write(effects, (prisma) => prisma.project.deleteMany({ where }))),
      ),
  };
}

function countOf(result: number | { readonly count: number }): number {
  return typeof result === 'number' ? result : result.count;
}
