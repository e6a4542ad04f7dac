import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../../src/config/config.js';
import { ttlSecondsOf } from '../../../src/config/lifetimes.js';
import { cachePresets } from '../../../src/config/presets.js';
import type { CachePresetName, ConfigOverrides } from '../../../src/config/types.js';

function cacheOf(environment: Record<string, string> = {}, overrides: ConfigOverrides = {}) {
  return loadConfig({ DATABASE_URL: 'postgresql://db/app', ...environment }, overrides).cache;
}

function lifetimesOf(environment: Record<string, string> = {}) {
  const cache = cacheOf(environment);
  return (['entities', 'queries', 'aggregations', 'userSessions'] as const).map((kind) =>
    ttlSecondsOf(cache, kind),
  );
}

describe('a preset', () => {
  test('called moderate holds where none is chosen, and says what the defaults are', () => {
    expect(cacheOf()).toMatchObject({ preset: 'moderate', ...cachePresets.moderate });
    expect({ ...cacheOf({}, { cache: cachePresets.moderate }) }).toEqual(cacheOf());
  });

  test.each(Object.keys(cachePresets) as CachePresetName[])('called %s changes the defaults', (preset) => {
    expect(cacheOf({ CACHE_PRESET: preset })).toMatchObject({ preset, ...cachePresets[preset] });
    expect(cacheOf({}, { cache: { preset } })).toEqual(cacheOf({ CACHE_PRESET: preset }));
  });

  test.each(Object.keys(cachePresets) as CachePresetName[])('called %s leaves the rest alone', (preset) => {
    const { strategies, near, ...rest } = cachePresets[preset];
    const without = (cache: object, keys: readonly string[]) =>
      Object.entries(cache).filter(([key]) => !keys.includes(key));
    const changed = [...Object.keys(rest), 'preset', 'near', 'strategies'];
    expect(without(cacheOf({ CACHE_PRESET: preset }), changed)).toEqual(without(cacheOf(), changed));
    expect(cacheOf({ CACHE_PRESET: preset })).toMatchObject({
      near: { ...cacheOf().near, ...near },
      strategies: { ...cacheOf().strategies, ...strategies },
    });
  });

  test('gives way to what is said in the environment or in code', () => {
    const environment = { CACHE_PRESET: 'memoryOnly', ENABLE_REDIS_CACHE: 'true', CACHE_NEAR_TTL: '7' };
    expect(cacheOf(environment, { cache: { near: { maxEntries: 5 } } })).toMatchObject({
      sharedEnabled: true,
      localEnabled: true,
      near: { ttlSeconds: 7, maxEntries: 5 },
    });
  });

  test('in code wins over one in the environment', () => {
    expect(cacheOf({ CACHE_PRESET: 'light' }, { cache: { preset: 'aggressive' } }).near.ttlSeconds).toBe(300);
  });

  test('cannot be changed', () => {
    for (const preset of [cachePresets, ...Object.values(cachePresets)]) {
      expect(Object.isFrozen(preset)).toBe(true);
      for (const inner of Object.values(preset)) expect(Object.isFrozen(inner)).toBe(true);
    }
  });

  test('that does not exist is refused with those that do', () => {
    expect(() => cacheOf({ CACHE_PRESET: 'turbo' })).toThrow(
      'one of aggressive, moderate, light, memoryOnly, distributed',
    );
  });
});

describe('how long rows, queries, aggregates and sessions live', () => {
  test.each<[string, Record<string, string>, readonly number[]]>([
    ['by default', {}, [900, 300, 300, 86_400]],
    ['with a general time', { CACHE_DEFAULT_TTL: '60' }, [60, 60, 60, 86_400]],
    ['with a strategy', { CACHE_STRATEGY_AGGREGATIONS: 'WEEK' }, [900, 300, 604_800, 86_400]],
    [
      'with both',
      { CACHE_DEFAULT_TTL: '60', CACHE_STRATEGY_ENTITIES: 'LONG', CACHE_STRATEGY_USER_SESSIONS: 'SHORT' },
      [3_600, 60, 60, 300],
    ],
    ['with a preset', { CACHE_PRESET: 'aggressive' }, [3_600, 900, 900, 86_400]],
    [
      'with a preset and a general time',
      { CACHE_PRESET: 'aggressive', CACHE_TTL: '60' },
      [60, 60, 60, 86_400],
    ],
    [
      'with a strategy that is its default',
      { CACHE_TTL: '60', CACHE_STRATEGY_QUERIES: 'SHORT' },
      [60, 300, 60, 86_400],
    ],
  ])('%s', (_, environment, expected) => {
    expect(lifetimesOf(environment)).toEqual(expected);
  });
});
