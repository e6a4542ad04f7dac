import type { Config } from '../../config/index.js';
import type { Clock } from '../clock.js';
import { entryCodec } from '../entry-codec.js';
import type { TimeLease } from '../fleet/time-lease.js';
import type { KeySpace } from '../keys.js';
import { LoadGate } from '../load-gate.js';
import type { ModelCacheContext } from '../model-cache.js';
import { NearCache } from '../near/near-cache.js';
import { MostRead } from '../sampling/most-read.js';
import { ReadSampling } from '../sampling/read-sampling.js';
import { StalenessSampler } from '../sampling/staleness-sampler.js';
import type { SharedStore } from '../store/shared-store.js';
import type { StoreGuard } from '../store-guard.js';
import type { TargetFinder } from '../targets.js';
import type { Writer } from '../writer.js';
import type { Materials } from './cache-parts.js';

const MIN_FENCE_MS = 15_000;

/** What the caches of models are made of. */
export function models(
  { config, logger, metadata, counters, latencies, clock }: Materials,
  parts: {
    readonly store: SharedStore;
    readonly guard: StoreGuard;
    readonly trust: { readonly isTrusted: boolean };
    readonly near: NearCache | null;
    readonly lease: TimeLease;
    readonly writer: Writer;
    readonly keys: KeySpace;
    readonly targets: TargetFinder;
    readonly nextToken: () => string;
  },
): ModelCacheContext {
  const { store, guard, trust, near, lease, nextToken, writer, keys, targets } = parts;
  const { compressionThresholdBytes, stalenessSampling } = config.cache;
  const codec = entryCodec(compressionThresholdBytes);
  const sampling = new ReadSampling(
    new MostRead(clock),
    new StalenessSampler(
      { share: stalenessSampling === 0 ? 0 : 1 / stalenessSampling },
      { codec, clock, logger },
    ),
  );
  const read = Object.freeze({
    store,
    guard,
    trust,
    near,
    lease,
    codec,
    counters,
    latencies,
    sampling,
    clock,
    gate: new LoadGate(),
    nextToken,
  });
  return Object.freeze({ read, writer, keys, metadata, targets, sampling });
}

/** The near cache that is configured; null for none. */
export function nearCache(config: Config, lease: TimeLease): NearCache | null {
  const { coherence, localEnabled, near } = config.cache;
  if (coherence === 'off' || localEnabled === false) return null;
  return new NearCache({ ...near, ttlMs: near.ttlSeconds * 1_000 }, lease);
}

/** What the writer is told of statements. */
export function writing(config: Config, clock: Clock) {
  const { statementTimeoutMs, queryTimeoutMs, transactionPooler } = config.database;
  return {
    clock,
    statementMs: Math.max(statementTimeoutMs, queryTimeoutMs),
    // Through a pooler in transaction mode the session's setting is not made; a transaction makes its own.
    statementsEnd: statementTimeoutMs > 0 && !transactionPooler,
    minFenceMs: MIN_FENCE_MS,
  };
}

/** Names that no other writer or reader has. */
export function tokens(process: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${process}.${count}`;
  };
}
