import { type CacheParts, wireCache } from '../../src/cache/cache-wiring.js';
import { CacheManager } from '../../src/cache/index.js';
import { Latencies } from '../../src/cache/statistics/latencies.js';
import { newCounters } from '../../src/cache/statistics.js';
import type { SharedStore } from '../../src/cache/store/shared-store.js';
import { loadConfig, silentLogger } from '../../src/config/index.js';
import type { ModelMetadata, SchemaMetadata, WriteEffects } from '../../src/database/index.js';
import { ManualClock } from './manual-clock.js';

/** An outbox of a database where nobody else writes. */
export const nothingRecorded = Object.freeze({
  isInstalled: async () => false,
  take: async () => 0,
  now: async () => '',
  isDrainedUpTo: async () => true,
});

/** A model of which only what the cache asks for is said. */
export function plainModel(name: string): ModelMetadata {
  return Object.freeze({
    name,
    table: `${name.toLowerCase()}s`,
    schema: null,
    readOnly: false,
    shape: `shape of ${name}`,
    id: ['id'],
    uniques: [],
    compoundKeys: {},
    fields: {},
  });
}

export function schemaOf(...models: readonly ModelMetadata[]): SchemaMetadata {
  return { models: Object.fromEntries(models.map((model) => [model.name, model])) };
}

/** An update of a row of this model by its id. */
export function updateOf(...models: readonly string[]): WriteEffects {
  return {
    ownRow: true,
    models: models.map((model) => ({ model, rows: 'none', appears: false })),
    tables: models.map((model) => `${model.toLowerCase()}s`),
  };
}

const config = (more: Readonly<Record<string, string>> = {}) =>
  loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: 'postgresql://unused@127.0.0.1/unused',
    ENABLE_LOCAL_CACHE: 'true',
    ...more,
  });

/** A cache in the memory of this process, on a clock that the test moves. */
export function memoryCache(
  metadata: SchemaMetadata,
  environment: Readonly<Record<string, string>> = {},
  given: { readonly clock?: ManualClock; readonly store?: SharedStore } = {},
): {
  readonly manager: CacheManager;
  readonly clock: ManualClock;
} {
  const { clock = new ManualClock(), store } = given;
  const options = {
    config: config(environment),
    logger: silentLogger,
    metadata,
    outbox: nothingRecorded,
    clock,
    ...(store !== undefined && { store }),
  };
  return { manager: new CacheManager(options), clock };
}

/** Its parts, for tests that look inside. */
export function memoryCacheParts(metadata: SchemaMetadata): CacheParts {
  const options = { config: config(), logger: silentLogger, metadata, outbox: nothingRecorded };
  const parts = wireCache({
    ...options,
    counters: newCounters(),
    latencies: new Latencies(),
    clock: new ManualClock(),
  });
  if (parts === null) throw new Error('The cache is off.');
  return parts;
}

/** A load that counts how often it was made, and gives what it is told to. */
export class CountedLoad<T> {
  value: T;
  count = 0;

  constructor(value: T) {
    this.value = value;
  }

  readonly run = async (): Promise<T> => {
    this.count += 1;
    return this.value;
  };

  /** The calls that this made. */
  async during(reads: () => Promise<unknown>): Promise<number> {
    const before = this.count;
    await reads();
    return this.count - before;
  }
}
