/** The named lifetimes of cached values, in seconds. */
export const DEFAULT_TTL = Object.freeze({
  SHORT: 300,
  MEDIUM: 900,
  LONG: 3_600,
  SESSION: 86_400,
  WEEK: 604_800,
} as const);

/** The name of a lifetime: a key of {@link DEFAULT_TTL}. */
export type CacheStrategyName = keyof typeof DEFAULT_TTL;

/** The names of the lifetimes as values, so that code can say `CacheStrategy.MEDIUM` instead of a bare string. */
export const CacheStrategy = Object.freeze({
  SHORT: 'SHORT',
  MEDIUM: 'MEDIUM',
  LONG: 'LONG',
  SESSION: 'SESSION',
  WEEK: 'WEEK',
} as const satisfies { readonly [Name in CacheStrategyName]: Name });

export type CacheStrategy = CacheStrategyName;
