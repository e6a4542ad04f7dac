import { JobStatus } from './generated/prisma/client.js';

/** How many jobs are in which state. */
export interface JobFigures {
  readonly total: number;
  readonly byStatus: Readonly<Record<JobStatus, number>>;
  /** Completed, of all that were completed or failed, 0 to 1; null while there are none. */
  readonly successRate: number | null;
}

/** What `groupBy` gives, by the state of jobs. */
export interface JobGroup {
  readonly status: JobStatus;
  readonly _count: { readonly _all: number };
}

export function jobFiguresOf(groups: readonly JobGroup[]): JobFigures {
  const byStatus = countsOf(Object.values(JobStatus), groups);
  const ended = byStatus.COMPLETED + byStatus.FAILED;
  return Object.freeze({
    total: groups.reduce((sum, { _count }) => sum + _count._all, 0),
    byStatus,
    successRate: ended === 0 ? null : byStatus.COMPLETED / ended,
  });
}

/** A count for each state, also where there are none. */
export function countsOf<Status extends string>(
  statuses: readonly Status[],
  groups: readonly { readonly status: Status; readonly _count: { readonly _all: number } }[],
): Readonly<Record<Status, number>> {
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status, _count } of groups) counts[status] = _count._all;
  return Object.freeze(counts);
}
