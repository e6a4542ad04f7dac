/** What is read, and from where. */
export const PATHS = ['near hit', 'shared hit', 'cold read', 'Prisma findUnique'] as const;
export type GrowthPath = (typeof PATHS)[number];

/** Under what a path is measured. */
export interface GrowthPoint {
  /** In the table. */
  readonly rows: number;
  /** At once, in each process. */
  readonly callers: number;
  /** Of the large text of each entity that is read. */
  readonly bytes: number;
  readonly processes: number;
}

/** What is made larger, one after the other. */
export type Dimension = keyof GrowthPoint;

/** The point that all others differ from in one figure. */
export const BASE: GrowthPoint = Object.freeze({ rows: 100_000, callers: 50, bytes: 200, processes: 1 });

export const VALUES: Readonly<Record<Dimension, readonly number[]>> = Object.freeze({
  rows: [10_000, 100_000, 1_000_000],
  callers: [1, 10, 50, 100, 500, 1_000],
  bytes: [200, 2_000, 20_000, 200_000],
  processes: [1, 2, 3, 4],
});

export const DIMENSIONS = Object.keys(VALUES) as Dimension[];

/** What a chart and a table call them. */
export const TITLES: Readonly<Record<Dimension, string>> = Object.freeze({
  rows: 'rows in the table',
  callers: 'callers at once',
  bytes: 'bytes of an entity',
  processes: 'processes',
});

/** One value of one dimension. */
export interface GrowthStep {
  readonly dimension: Dimension;
  readonly value: number;
  readonly point: GrowthPoint;
}

/** All steps, those of small tables first: a table only grows. */
export function growthSteps(values: Partial<typeof VALUES> = VALUES): readonly GrowthStep[] {
  const steps = DIMENSIONS.flatMap((dimension) =>
    (values[dimension] ?? []).map((value) => ({ dimension, value, point: { ...BASE, [dimension]: value } })),
  );
  return steps.sort((a, b) => a.point.rows - b.point.rows);
}

/** The users that are read: by index, each so far from the one before. */
export interface KeyRange {
  readonly first: number;
  readonly count: number;
  readonly step: number;
}

/** Of entities of one size there are as many as a near cache of the default size has room for when they are large. */
export const SIZED = 100;
const SPREAD = 2_000;

/** Which users a point reads: some of each size, or some from all over the table. */
export function keysOf({ dimension, point }: GrowthStep): KeyRange {
  if (dimension !== 'bytes') return { first: 0, count: SPREAD, step: Math.floor(point.rows / SPREAD) };
  return { first: 1 + VALUES.bytes.indexOf(point.bytes) * SIZED, count: SIZED, step: 1 };
}
