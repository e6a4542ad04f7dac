import type { Project } from '../../src/domain/index.js';
import { db } from '../../src/domain/index.js';
import { expectType } from './expect-type.js';

/* Compiled by `npm run typecheck` and never run. */

export async function facade(): Promise<void> {
  expectType<readonly Readonly<{ name: string }>[]>()(
    await db.cached.project.findMany({ select: { name: true }, ttl: 60, tags: ['report'] }),
  );
  expectType<Readonly<Project> | null>()(await db.cached.project.findUnique({ where: { id: 'x' } }));
  expectType<number>()(await db.cached.user.count());
  expectType<number>()(await db.query(async (prisma) => prisma.user.count(), { cacheKey: 'users' }));
  expectType<Project[]>()(await db.primary.project.findMany());
  expectType<Project | null>()(await db.read.project.findFirst());
  // @ts-expect-error a field that is not there
  await db.cached.project.findMany({ where: { nothing: 1 } });
  // @ts-expect-error a time is a number
  await db.cached.project.findMany({ ttl: '60' });
  // @ts-expect-error a model that is not there
  await db.cached.nothing.findMany();
  // @ts-expect-error the facade's models are for reads
  await db.cached.project.create({});
  // @ts-expect-error a strategy that is not there
  await db.query(async () => 1, { cacheKey: 'x', cacheStrategy: 'EVER' });
  // @ts-expect-error only models
  await db.primary.$queryRaw`SELECT 1`;
}
