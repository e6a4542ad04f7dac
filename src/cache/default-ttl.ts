/** Times to live, in seconds, by how long a value is worth keeping. */
export const DEFAULT_TTL = Object.freeze({
  SHORT: 300,
  MEDIUM: 900,
  LONG: 3_600,
  SESSION: 86_400,
  WEEK: 604_800,
} as const);

/** How long a value is worth keeping: each is the name of a time in `DEFAULT_TTL`. */
export const CacheStrategy = Object.freeze({
  SHORT: 'SHORT',
  MEDIUM: 'MEDIUM',
  LONG: 'LONG',
  SESSION: 'SESSION',
  WEEK: 'WEEK',
} as const);

export type CacheStrategy = keyof typeof CacheStrategy;
