import { eventually } from '../eventually.js';
import { servesInTime } from '../patience.js';
import { type FeatureFactory, featureFactory, openFeatureDatabase } from './feature-repositories.js';
import type { SchemaDatabase } from './schema-database.js';

/** Two services on one database and one cache. */
export interface FeatureWorld {
  readonly database: SchemaDatabase;
  readonly here: FeatureFactory;
  readonly elsewhere: FeatureFactory;
  close(): Promise<void>;
}

export async function openFeatureWorld(): Promise<FeatureWorld> {
  const database = await openFeatureDatabase();
  const prefix = `features-${process.pid}-${Date.now()}`;
  const here = featureFactory(database, { prefix });
  const elsewhere = featureFactory(database, { prefix });
  await Promise.all([here.initialize(), elsewhere.initialize()]);
  for (const factory of [here, elsewhere]) await servesInTime(factory.cache);
  return {
    database,
    here,
    elsewhere,
    close: async () => {
      await Promise.all([here.shutdown(), elsewhere.shutdown()]);
      await database.close();
    },
  };
}

/** How many statements a piece of work sends. */
export async function statementsOf(factory: FeatureFactory, work: () => Promise<unknown>): Promise<number> {
  const before = factory.pool.getPoolStatistics().queryCount;
  await work();
  return factory.pool.getPoolStatistics().queryCount - before;
}

/** Reads until the answer comes from the cache. */
export async function untilCached(factory: FeatureFactory, read: () => Promise<unknown>): Promise<void> {
  await eventually(
    () => statementsOf(factory, read),
    (statements) => statements === 0,
  );
}
