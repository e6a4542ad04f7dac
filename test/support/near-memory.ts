import type { CacheManager } from '../../src/cache/index.js';
import { eventually } from './eventually.js';
import { SERVING_PATIENCE_MS } from './patience.js';

/**
 * Resolves when this process may answer from its memory: with the next read it does, where memory has the answer. The
 * lease for it is that of the product, a second, which runs out where a busy machine stops the process or Redis; what
 * memory holds stays meanwhile.
 */
export async function untilMemoryMayAnswer(cache: CacheManager): Promise<void> {
  await eventually(
    () => cache.healthCheck(),
    ({ details }) => details?.leaseHeld === true,
    SERVING_PATIENCE_MS,
  );
}
