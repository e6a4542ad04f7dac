import type { Prisma, PrismaClient, Project, ProjectStatus, User } from '../../src/domain/index.js';
import type { OffsetPage } from '../../src/index.js';
import {
  BaseRepository,
  type EntityOf,
  type KeysetPage,
  ReadOnlyRepository,
  type RepositoryContext,
  type SearchPage,
} from '../../src/index.js';
import { expectType } from './expect-type.js';

/*
 * Compiled by `npm run typecheck` and never run: each line is a claim on a type, and each `@ts-expect-error` on what the
 * compiler refuses.
 */

class Projects extends BaseRepository<PrismaClient['project']> {
  constructor(context: RepositoryContext) {
    super(context, { model: 'Project' });
  }
}

class UserView extends ReadOnlyRepository<PrismaClient['user'], never> {}

export async function reads(projects: Projects): Promise<void> {
  expectType<Readonly<Project> | null>()(await projects.findById('id'));
  expectType<Readonly<Project>>()(await projects.findByIdOrThrow('id'));
  expectType<Readonly<{ name: string }> | null>()(await projects.findById('id', { select: { name: true } }));
  expectType<Readonly<Project & { owner: User }>>()(
    await projects.findByIdOrThrow('id', { include: { owner: true } }),
  );
  expectType<readonly (Readonly<Project> | null)[]>()(await projects.findByIds(['a']));
  expectType<readonly Readonly<Project>[]>()(await projects.findMany());
  expectType<readonly Readonly<{ id: string; status: ProjectStatus }>[]>()(
    await projects.findMany({ where: { ownerId: 'x' }, select: { id: true, status: true }, take: 1 }),
  );
  expectType<readonly Readonly<{ name: string; owner: { email: string } }>[]>()(
    await projects.findMany({ select: { name: true, owner: { select: { email: true } } } }),
  );
  expectType<Readonly<Project> | null>()(await projects.findFirst({ orderBy: { name: 'asc' } }));
  expectType<Readonly<{ sizeBytes: bigint }> | null>()(
    await projects.findFirst({ select: { sizeBytes: true } }),
  );
  expectType<Readonly<Project> | null>()(await projects.findUnique({ where: { id: 'x' } }));
  expectType<Readonly<{ tags: string[] }> | null>()(
    await projects.findUnique({ where: { id: 'x' }, select: { tags: true } }),
  );
  expectType<OffsetPage<Readonly<{ name: string }>>>()(
    await projects.findPage({ page: 2, pageSize: 10, select: { name: true } }),
  );
  expectType<KeysetPage<Readonly<Project>>>()(
    await projects.findCursorPage({ orderBy: { createdAt: 'desc' }, after: null }),
  );
  expectType<SearchPage<Readonly<{ id: string }>>>()(
    await projects.search('term', { fields: ['name', 'description'], select: { id: true } }),
  );
  expectType<number>()(await projects.count());
  expectType<number>()(await projects.count({ where: { status: 'READY' } }));
  expectType<Readonly<{ _all: number; name: number }>>()(
    await projects.count({ select: { _all: true, name: true } }),
  );
  expectType<boolean>()(await projects.exists({ name: 'x' }));
  expectType<Readonly<{ _max: { fileCount: number | null } }>>()(
    await projects.aggregate({ _max: { fileCount: true } }),
  );
  const groups = await projects.groupBy({ by: ['status'], _count: { _all: true } });
  expectType<ProjectStatus | undefined>()(groups[0]?.status);
  expectType<number | undefined>()(groups[0]?._count._all);
  expectType<number>()(await projects.warm(['a', 'b']));
  expectType<number>()(await projects.warm({ where: { status: 'READY' }, take: 10 }));
  expectType<boolean>()(await projects.invalidate('a', 'b'));
  expectType<boolean>()(await projects.invalidateAll());
}

export async function writes(projects: Projects): Promise<void> {
  const data = { ownerId: 'x', name: 'name', sourceStack: {} };
  expectType<Readonly<Project>>()(await projects.create(data));
  expectType<Readonly<{ id: string }>>()(await projects.create(data, { select: { id: true } }));
  expectType<Readonly<Project & { owner: User }>>()(
    await projects.create(
      { name: 'x', sourceStack: {}, owner: { connect: { id: 'x' } } },
      { include: { owner: true } },
    ),
  );
  expectType<{ readonly count: number }>()(await projects.createMany({ data: [data], skipDuplicates: true }));
  expectType<Readonly<Project>>()(await projects.update('id', { fileCount: { increment: 1 } }));
  expectType<Readonly<{ name: string }>>()(
    await projects.update('id', { name: 'x' }, { select: { name: true } }, { expectedVersion: 1 }),
  );
  expectType<Readonly<Project>>()(
    await projects.upsert({ where: { id: 'x' }, create: data, update: { name: 'x' } }),
  );
  expectType<Readonly<Project>>()(await projects.delete('id'));
  expectType<Readonly<{ id: string }>>()(await projects.delete('id', { select: { id: true } }));
  expectType<{ readonly count: number }>()(await projects.updateMany({ where: {}, data: { name: 'x' } }));
  expectType<{ readonly count: number }>()(await projects.deleteMany({ where: { status: 'FAILED' } }));
  expectType<EntityOf<PrismaClient['project']>>()(await projects.restore('id'));
  projects.on('updated', ({ before, after }) => {
    expectType<Readonly<Project> | null>()(before);
    expectType<string | undefined>()(after?.name);
  });
}

export async function refused(projects: Projects, view: UserView): Promise<void> {
  // @ts-expect-error an id of another type
  await projects.findById(7);
  // @ts-expect-error a field that is not there
  await projects.findMany({ where: { nothing: 1 } });
  // @ts-expect-error an argument that is not there
  await projects.findMany({ wher: {} });
  // @ts-expect-error a field that is not there, in a selection
  await projects.findById('id', { select: { nothing: true } });
  // @ts-expect-error a field that is not there, in an inclusion
  await projects.findMany({ include: { nothing: true } });
  // @ts-expect-error a value of another type
  await projects.findFirst({ where: { fileCount: 'many' } });
  // @ts-expect-error a value that the enum has not
  await projects.count({ where: { status: 'UNKNOWN' } });
  // @ts-expect-error a key that is not unique
  await projects.findUnique({ where: { name: 'x' } });
  // @ts-expect-error a required field is missing
  await projects.create({ name: 'x' });
  // @ts-expect-error a field that is not there
  await projects.create({ ownerId: 'x', name: 'name', sourceStack: {}, nothing: 1 });
  // @ts-expect-error a field that is not there
  await projects.update('id', { nothing: 1 });
  // @ts-expect-error places are for the page to choose
  await projects.findPage({ skip: 1 });
  // @ts-expect-error a field that is not there
  await projects.search('term', { fields: ['nothing'] });
  const project = await projects.findByIdOrThrow('id');
  // @ts-expect-error what a repository returns is for reading
  project.name = 'changed';
  const list = await projects.findMany();
  // @ts-expect-error also its lists
  list.push(project);
  // @ts-expect-error a view is not written
  await view.create({});
  // @ts-expect-error a view without a key has no ids
  await view.findById('id');
  const where: Prisma.ProjectWhereInput = { name: 'as in Prisma' };
  await projects.findMany({ where });
}
