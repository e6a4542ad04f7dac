import { flag, integer, oneOf, text } from './kinds.js';
import { DEFAULT_TTL } from './strategy.js';
import type { CachePresetName, CacheStrategiesConfig, Coherence } from './types.js';
import { variable } from './variable.js';

const MAX_TTL_SECONDS = 31_536_000;
// The longest string Redis stores (512 MB): beyond it, no entry could ever be compressed.
const MAX_ENTRY_BYTES = 536_870_912;

const lifetime = oneOf(['SHORT', 'MEDIUM', 'LONG', 'SESSION', 'WEEK']);

function strategy<Key extends keyof CacheStrategiesConfig>(
  name: string,
  key: Key,
  preset: keyof typeof DEFAULT_TTL,
  of: string,
) {
  return variable<CacheStrategiesConfig[Key]>({
    name: `CACHE_STRATEGY_${name}`,
    path: `cache.strategies.${key}`,
    kind: lifetime,
    default: preset,
    nullable: key !== 'userSessions',
    meaning: `The lifetime of ${of}: SHORT (${DEFAULT_TTL.SHORT} s), MEDIUM (${DEFAULT_TTL.MEDIUM} s), LONG (${DEFAULT_TTL.LONG} s), SESSION (${DEFAULT_TTL.SESSION} s) or WEEK (${DEFAULT_TTL.WEEK} s).${key === 'userSessions' ? '' : ' Unset, `CACHE_DEFAULT_TTL` comes first where it is set.'}`,
  });
}

/** The settings of the cache, in the order of the documentation. */
export const cacheVariables = Object.freeze({
  cachePreset: variable<CachePresetName>({
    name: 'CACHE_PRESET',
    path: 'cache.preset',
    kind: oneOf(['aggressive', 'moderate', 'light', 'memoryOnly', 'distributed']),
    default: 'moderate',
    meaning:
      'Other defaults for the variables below: `aggressive`, `moderate`, `light`, `memoryOnly` or `distributed`.',
  }),
  cacheEnabled: variable({
    name: 'CACHE_ENABLED',
    path: 'cache.enabled',
    kind: flag,
    default: true,
    meaning: 'Off, every read goes to PostgreSQL.',
  }),
  cacheLocalEnabled: variable<boolean | null>({
    name: 'ENABLE_LOCAL_CACHE',
    path: 'cache.localEnabled',
    kind: flag,
    default: null,
    nullable: true,
    example: 'false',
    meaning:
      "With Redis, `false` leaves out the near cache in this process's memory. Without Redis, `true` makes memory the whole cache, which is right only while this process is the only one that writes; unset or `false`, there is then no cache.",
  }),
  cacheCoherence: variable<Coherence>({
    name: 'CACHE_COHERENCE',
    path: 'cache.coherence',
    kind: oneOf(['strict', 'eventual', 'off']),
    default: 'strict',
    meaning:
      "How the near cache in this process's memory follows writes of other processes: `strict`, they wait until it has dropped what they change; `eventual`, it may lag by the delivery of one message; `off`, there is no near cache. The shared cache is never stale in any of them.",
  }),
  cacheNearMaxEntries: variable({
    name: 'CACHE_NEAR_MAX_ENTRIES',
    path: 'cache.near.maxEntries',
    unit: 'entries',
    kind: integer('a number of entries', 1, 10_000_000),
    default: 10_000,
    meaning: 'Entries in the near cache at most.',
  }),
  cacheNearMaxBytes: variable({
    name: 'CACHE_NEAR_MAX_BYTES',
    path: 'cache.near.maxBytes',
    unit: 'bytes',
    kind: integer('bytes', 1_024, 17_179_869_184),
    default: 67_108_864,
    meaning: 'The approximate size of the near cache at most.',
  }),
  cacheNearTtl: variable({
    name: 'CACHE_NEAR_TTL',
    path: 'cache.near.ttlSeconds',
    unit: 's',
    kind: integer('seconds', 1, MAX_TTL_SECONDS),
    default: 60,
    meaning:
      'How long an entry lives in the near cache. With `CACHE_COHERENCE=eventual` also how long it may be stale at most.',
  }),
  cacheOutboxSchema: variable({
    name: 'CACHE_OUTBOX_SCHEMA',
    path: 'cache.outboxSchema',
    kind: text('the name of a PostgreSQL schema: 1 to 63 letters, digits or underscores', (t) =>
      /^[A-Za-z_]\w{0,62}$/.test(t),
    ),
    // Not called as a role may be: PostgreSQL looks for tables in the schema of the role's name first.
    default: 'holdfast_outbox',
    meaning:
      'The PostgreSQL schema that holds the outbox, in which the invalidation triggers record what other writers change. Services that share tables but not a cache need one each.',
  }),
  cacheSharedEnabled: variable({
    name: 'ENABLE_REDIS_CACHE',
    path: 'cache.sharedEnabled',
    kind: flag,
    default: true,
    meaning: 'Whether the configured Redis, cluster or Upstash is used as the shared cache.',
  }),
  cachePrefix: variable({
    name: 'CACHE_PREFIX',
    path: 'cache.prefix',
    // Braces would break the hash tags of a cluster, `*?[]` the patterns of an invalidation.
    kind: text('1 to 64 letters, digits, dots, colons, hyphens or underscores', (t) =>
      /^[\w.:-]{1,64}$/.test(t),
    ),
    default: 'holdfast',
    meaning: 'What every key starts with, so that applications can share a Redis.',
  }),
  cacheDefaultTtl: variable({
    name: 'CACHE_DEFAULT_TTL',
    aliases: ['CACHE_TTL'],
    path: 'cache.defaultTtlSeconds',
    unit: 's',
    kind: integer('seconds', 1, MAX_TTL_SECONDS),
    default: DEFAULT_TTL.SHORT as number,
    meaning: 'How long a value lives where nothing else says it.',
  }),
  cacheCompressionThreshold: variable({
    name: 'CACHE_COMPRESSION_THRESHOLD',
    path: 'cache.compressionThresholdBytes',
    unit: 'bytes',
    kind: integer('bytes', 0, MAX_ENTRY_BYTES),
    // Inflating a text takes longer than a row of it takes PostgreSQL and Prisma: see docs/performance.md.
    default: 0,
    meaning: 'Entries at least this large are compressed, such as 4096; 0 leaves compression off.',
  }),
  cacheStalenessSampling: variable({
    name: 'CACHE_STALENESS_SAMPLING',
    path: 'cache.stalenessSampling',
    kind: integer('a number of hits', 0, 1_000_000_000),
    default: 10_000,
    // Tests count statements.
    defaultIn: { test: 0 },
    meaning:
      'Of so many hits, one row or list is compared with the database in the background, at most ten in a second; 0 leaves it off. What came of it is in the statistics.',
  }),
  strategyEntities: strategy('ENTITIES', 'entities', 'MEDIUM', 'entities'),
  strategyQueries: strategy('QUERIES', 'queries', 'SHORT', 'lists and pages'),
  strategyAggregations: strategy('AGGREGATIONS', 'aggregations', 'SHORT', 'counts and aggregates'),
  strategyUserSessions: strategy('USER_SESSIONS', 'userSessions', 'SESSION', 'user sessions'),
});
