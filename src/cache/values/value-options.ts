import { type CacheStrategyName, DEFAULT_TTL } from '../../config/index.js';
import { InvalidArgumentError } from '../../errors.js';
import { checkedTags, checkedTtlMs } from '../entry-options.js';

/** How a value is kept. */
export interface ValueOptions {
  /** How long. @default that of `strategy`, else `CACHE_DEFAULT_TTL` */
  readonly ttlSeconds?: number;
  /** The name of a lifetime: see `DEFAULT_TTL`. */
  readonly strategy?: CacheStrategyName;
  /** Names by which it can be invalidated, together with queries of repositories that bear them. Up to 100. */
  readonly tags?: readonly string[];
  /** Names of other values: `invalidateDependents` of one of them invalidates this one too. Up to 100. */
  readonly dependsOn?: readonly string[];
}

/** How a value is kept, and computed. */
export interface LoadOptions extends ValueOptions {
  /** Models that it is computed from: every write of one of them invalidates it. */
  readonly models?: readonly string[];
  /** For so long after its time it is answered at once, while one process computes it anew. @default 0 */
  readonly staleWhileRevalidateSeconds?: number;
  /** For so long after its time it is answered when it cannot be computed anew, or not in time. @default 0 */
  readonly graceSeconds?: number;
  /** How long a caller waits for the computation, which goes on and is kept. @default no limit */
  readonly loadTimeoutMs?: number;
}

/** Options that were checked, with defaults in their places. */
export interface Keeping {
  readonly ttlMs: number;
  readonly tags: readonly string[];
  readonly dependsOn: readonly string[];
  readonly models: readonly string[];
  readonly staleMs: number;
  readonly graceMs: number;
  readonly loadTimeoutMs: number | null;
}

const MAX_NAMES = 100;
/** A lifetime that nobody said exactly is shortened by up to this part, so that what was filled together does not end together. */
const JITTER = 0.1;

/**
 * @param defaultTtlMs where the options say nothing
 * @throws InvalidArgumentError when a time is none, a strategy unknown, or names are too many
 */
export function checkedOptions(
  options: LoadOptions,
  defaultTtlMs: number,
  random: () => number = Math.random,
): Keeping {
  const { loadTimeoutMs } = options;
  if (loadTimeoutMs !== undefined && !(loadTimeoutMs > 0))
    throw new InvalidArgumentError(`loadTimeoutMs must be above 0, not ${String(loadTimeoutMs)}.`);
  return {
    ttlMs: ttlMsOf(options, defaultTtlMs, random),
    tags: checkedTags(names(options.tags, 'tags')),
    dependsOn: [...new Set(names(options.dependsOn, 'dependsOn'))],
    models: [...new Set(options.models ?? [])],
    staleMs: extraMs(options.staleWhileRevalidateSeconds, 'staleWhileRevalidateSeconds'),
    graceMs: extraMs(options.graceSeconds, 'graceSeconds'),
    loadTimeoutMs: loadTimeoutMs ?? null,
  };
}

/**
 * A time in seconds, in milliseconds.
 *
 * @throws InvalidArgumentError when it is none
 */
export function checkedSeconds(seconds: unknown): number {
  if (typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0)
    return checkedTtlMs(Math.max(1, seconds * 1_000));
  throw new InvalidArgumentError(
    `ttlSeconds must be a number of seconds above 0, not ${String(seconds)}. To remove a value, delete it.`,
  );
}

function ttlMsOf({ ttlSeconds, strategy }: LoadOptions, defaultTtlMs: number, random: () => number): number {
  if (ttlSeconds !== undefined) return checkedSeconds(ttlSeconds);
  if (strategy !== undefined && !Object.hasOwn(DEFAULT_TTL, strategy)) {
    const known = Object.keys(DEFAULT_TTL).join(', ');
    throw new InvalidArgumentError(`There is no strategy ${JSON.stringify(strategy)}. There are ${known}.`);
  }
  const ttlMs = strategy === undefined ? defaultTtlMs : DEFAULT_TTL[strategy] * 1_000;
  return checkedTtlMs(ttlMs * (1 - JITTER * random()));
}

function extraMs(seconds: number | undefined, option: string): number {
  if (seconds === undefined || seconds === 0) return 0;
  if (Number.isFinite(seconds) && seconds > 0) return checkedTtlMs(seconds * 1_000);
  throw new InvalidArgumentError(
    `${option} must be a number of seconds, 0 or above, not ${String(seconds)}.`,
  );
}

function names(given: readonly string[] | undefined, option: string): readonly string[] {
  if (given === undefined) return [];
  if (!Array.isArray(given) || given.some((name) => typeof name !== 'string' || name === ''))
    throw new InvalidArgumentError(`${option} must be an array of names that are not empty.`);
  if (given.length <= MAX_NAMES) return given;
  throw new InvalidArgumentError(`${option} may be up to ${MAX_NAMES} names, not ${given.length}.`, {
    context: { option, given: given.length },
  });
}
