import { expect, test } from '@jest/globals';
import type { Failure, FaultWindow } from '../../../scripts/coherence/history.js';
import { judgeFailures, OWN_WRITE_NOT_SEEN } from '../../../scripts/coherence/judge/failures.js';

const S = 1e9;

const failure = (begunAt: number, endedAt: number, code = 'DATABASE_UNAVAILABLE'): Failure => ({
  process: 0,
  what: 'update',
  code,
  message: '',
  begunAt,
  endedAt,
});
const fault = (kind: FaultWindow['kind'], begunAt: number, endedAt: number): FaultWindow => ({
  kind,
  detail: '',
  process: null,
  begunAt,
  endedAt,
});
const unexplained = (one: Failure, ...faults: FaultWindow[]): number =>
  judgeFailures([one], faults).unexplained.length;

test.each(['kill', 'stop', 'pg-restart'] as const)(
  'a failure during %s, or in the five seconds from then, is explained by it',
  (kind) => {
    expect(unexplained(failure(2 * S, 3 * S), fault(kind, 1 * S, 4 * S))).toBe(0);
    expect(unexplained(failure(8 * S, 9 * S), fault(kind, 1 * S, 4 * S))).toBe(0);
    expect(unexplained(failure(9.1 * S, 9.2 * S), fault(kind, 1 * S, 4 * S))).toBe(1);
    expect(unexplained(failure(0.1 * S, 0.9 * S), fault(kind, 1 * S, 4 * S))).toBe(1);
  },
);

test.each(['redis-restart', 'redis-pause', 'redis-flush', 'partition', 'evict'] as const)(
  'no failure is explained by %s: the cache may go, and requests are answered all the same',
  (kind) => {
    expect(unexplained(failure(2 * S, 3 * S), fault(kind, 1 * S, 4 * S))).toBe(1);
  },
);

test('nothing explains that a transaction does not see what it has written', () => {
  expect(unexplained(failure(2 * S, 3 * S, OWN_WRITE_NOT_SEEN), fault('kill', 1 * S, 4 * S))).toBe(1);
});
