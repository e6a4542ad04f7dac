import { DEFAULT_TTL } from './strategy.js';
import type { CacheConfig, CacheStrategiesConfig } from './types.js';

/** How long values of a kind live, where nothing nearer says it. */
export function ttlSecondsOf(
  cache: Pick<CacheConfig, 'strategies' | 'defaultTtlSeconds'>,
  kind: keyof CacheStrategiesConfig,
): number {
  const name = cache.strategies[kind];
  return name === null ? cache.defaultTtlSeconds : DEFAULT_TTL[name];
}
