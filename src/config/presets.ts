import type { CacheConfig, CachePresetName, Overridable } from './types.js';

/** Other defaults for the settings of the cache. */
export type CachePreset = Overridable<Omit<CacheConfig, 'preset'>>;

/**
 * Sets of defaults to choose from by `CACHE_PRESET`, or `cache.preset` in code. A preset changes nothing but defaults: what
 * is said otherwise, in the environment or in code, wins.
 */
export const cachePresets: Readonly<Record<CachePresetName, CachePreset>> = Object.freeze({
  /**
   * For data that is read far more often than written, in processes with memory to spare: 100,000 entries or 256 MiB in the
   * near cache, each for 300 s; rows live 3,600 s (LONG), lists and aggregates 900 s (MEDIUM), other values 900 s.
   */
  aggressive: preset({
    near: { maxEntries: 100_000, maxBytes: 268_435_456, ttlSeconds: 300 },
    defaultTtlSeconds: 900,
    strategies: { entities: 'LONG', queries: 'MEDIUM', aggregations: 'MEDIUM' },
  }),
  /**
   * What holds without a preset: 10,000 entries or 64 MiB in the near cache, each for 60 s; rows live 900 s (MEDIUM), lists
   * and aggregates 300 s (SHORT), other values 300 s.
   */
  moderate: preset({
    near: { maxEntries: 10_000, maxBytes: 67_108_864, ttlSeconds: 60 },
    defaultTtlSeconds: 300,
    strategies: { entities: 'MEDIUM', queries: 'SHORT', aggregations: 'SHORT' },
  }),
  /**
   * For small processes: 1,000 entries or 8 MiB in the near cache, each for 15 s; rows, lists, aggregates and other values
   * live 300 s (SHORT).
   */
  light: preset({
    near: { maxEntries: 1_000, maxBytes: 8_388_608, ttlSeconds: 15 },
    defaultTtlSeconds: 300,
    strategies: { entities: 'SHORT', queries: 'SHORT', aggregations: 'SHORT' },
  }),
  /**
   * Everything in this process's memory, also where a Redis is configured. Only for a service that runs as a single process:
   * what another one writes is not noticed but through the invalidation triggers.
   */
  memoryOnly: preset({ sharedEnabled: false, localEnabled: true }),
  /** Everything in the shared cache: no near cache, so that no write waits for other processes. */
  distributed: preset({ coherence: 'off' }),
});

/** What a preset says at a path such as `cache.near.maxEntries`; undefined for nothing. */
export function presetDefault(name: CachePresetName, path: string): unknown {
  const [group, ...keys] = path.split('.');
  let value: unknown = group === 'cache' ? cachePresets[name] : undefined;
  for (const key of keys) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value;
}

function preset(values: CachePreset): CachePreset {
  for (const inner of Object.values(values)) Object.freeze(inner);
  return Object.freeze(values);
}
