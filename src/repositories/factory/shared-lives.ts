import { performance } from 'node:perf_hooks';
import type { Environment } from '../../config/index.js';
import { FactoryLife } from './factory-life.js';
import type { Wiring } from './wiring.js';

/** A life that several factories share, as they find it in the registry. */
export interface SharedLife {
  readonly life: FactoryLife;
  readonly models: readonly string[];
  /** Counts what factories have asked of it. */
  uses: number;
  /** It was closed for a newer one, not by a shutdown. */
  isRetired: boolean;
  /** Set while it waits to be closed for a newer one. */
  retiring: NodeJS.Timeout | null;
}

/** What a factory is of; those that agree in name and fingerprint share a life. */
export interface SharedIdentity {
  readonly name: string;
  /** Of configuration and schema. */
  readonly fingerprint: string;
  readonly models: readonly string[];
  readonly environment: Environment;
}

/** Lives by name and fingerprint. */
type Registry = Map<string, Map<string, SharedLife>>;

// Global, since a module that is evaluated again, or as CommonJS beside ESM, must find what the other has made.
const REGISTRY = Symbol.for('holdfast:factories');
const LOOK_EVERY_MS = 500;
/** Who was in the middle of something when a newer one came has asked for something again by then. */
const QUIET_MS = 3_000;

function registry(): Registry {
  const holder = globalThis as { [REGISTRY]?: Registry };
  holder[REGISTRY] ??= new Map();
  return holder[REGISTRY];
}

/**
 * The life that all factories of this name, configuration and schema share in this process. Where it is the first of its
 * kind, those before it of the same name, whose schema or configuration was another, are closed once nothing is asked of
 * them any more.
 *
 * @param previous what the factory lived before. One that was retired and is used all the same is needed beside the
 *   newer one, so its successor retires none.
 */
export function sharedLife(
  identity: SharedIdentity,
  make: () => Wiring,
  previous: SharedLife | null,
): SharedLife {
  const lives = registry().get(identity.name) ?? new Map<string, SharedLife>();
  registry().set(identity.name, lives);
  let shared = lives.get(identity.fingerprint);
  if (shared === undefined || shared.life.hasEnded) {
    shared = {
      life: new FactoryLife(make),
      models: identity.models,
      uses: 0,
      isRetired: false,
      retiring: null,
    };
    lives.set(identity.fingerprint, shared);
  }
  keep(shared);
  if (previous?.isRetired !== true) {
    for (const other of lives.values())
      if (other !== shared && isOlderForm(other, identity)) retireWhenQuiet(other);
  }
  return shared;
}

/** Whether a life is that of an earlier form of a schema, rather than of another schema that was given no name. */
function isOlderForm(other: SharedLife, { environment, models }: SharedIdentity): boolean {
  // In production nothing is evaluated again, so it can only be another.
  if (environment === 'production' || other.life.hasEnded) return false;
  const common = models.filter((model) => other.models.includes(model)).length;
  return 2 * common > Math.max(models.length, other.models.length);
}

function retireWhenQuiet(shared: SharedLife): void {
  if (shared.retiring !== null) return;
  let seen = '';
  let quietMs = 0;
  shared.retiring = setInterval(() => {
    const activity = activityOf(shared);
    quietMs = activity === seen ? quietMs + LOOK_EVERY_MS : 0;
    seen = activity;
    if (quietMs < QUIET_MS && !shared.life.hasEnded) return;
    keep(shared);
    if (shared.life.hasEnded) return;
    shared.isRetired = true;
    const logger = shared.life.madeParts?.logger;
    shared.life.end().catch((error: unknown) => {
      logger?.warn({ err: error }, 'the connections of an earlier form of the schema could not be closed');
    });
  }, LOOK_EVERY_MS);
  shared.retiring.unref();
}

function keep(shared: SharedLife): void {
  if (shared.retiring !== null) clearInterval(shared.retiring);
  shared.retiring = null;
}

/** Differs whenever something was asked of it meanwhile, or is under way. */
function activityOf({ uses, life }: SharedLife): string {
  const parts = life.madeParts;
  if (parts === null) return String(uses);
  const pool = parts.pool.getPoolStatistics();
  const { nearHits, hits, misses, loads, bypasses } = parts.cache.getStatistics();
  const underWay = pool.totalConnections - pool.idleConnections > 0 || pool.waitingRequests > 0;
  const asked = [uses, pool.queryCount, pool.transactions.started, nearHits, hits, misses, loads, bypasses];
  return underWay ? `${performance.now()}` : asked.join();
}
