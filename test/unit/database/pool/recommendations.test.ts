import { describe, expect, test } from '@jest/globals';
import type { Recommendation, RecommendationInputs } from '../../../../src/database/pool/recommendation.js';
import { recommend } from '../../../../src/database/pool/recommendations.js';
import type { ConnectionFigures, ServerFigures } from '../../../../src/database/pool/server-figures.js';
import type { LatencySnapshot } from '../../../../src/database/statistics/latency-histogram.js';

const p95 = (p95Ms: number | null): LatencySnapshot => ({
  count: p95Ms === null ? 0 : 5_000,
  avgMs: p95Ms,
  p50Ms: p95Ms,
  p95Ms,
  p99Ms: p95Ms,
  maxMs: p95Ms,
});

const connections = (changes: Partial<ConnectionFigures> = {}): ConnectionFigures => ({
  total: 10,
  active: 2,
  idle: 8,
  idleInTransaction: 0,
  longestIdleInTransactionMs: null,
  waitingForLock: 0,
  longestWaitingForLockMs: null,
  activeByWait: {},
  ...changes,
});

const server = (changes: Partial<ServerFigures> = {}): ServerFigures => ({
  maxConnections: 103,
  reservedConnections: 3,
  version: '16.4',
  inRecovery: false,
  all: connections({ total: 20 }),
  ours: connections(),
  ...changes,
});

const HEALTHY: RecommendationInputs = {
  pool: {
    totalConnections: 20,
    idleConnections: 3,
    waitingRequests: 0,
    maxConnections: 20,
    queryCount: 5_000,
    slowQueryCount: 1,
    acquireTimeouts: 0,
    acquireLatency: p95(0.1),
    queryLatency: p95(4),
    holdLatency: p95(12),
  },
  peakInUse: 17,
  acquireTimeoutMs: 10_000,
  statementTimeoutMs: 30_000,
  server: server(),
  cores: null,
};

type PoolFigures = RecommendationInputs['pool'];

const withPool = (
  pool: Partial<PoolFigures>,
  others: Partial<RecommendationInputs> = {},
): RecommendationInputs => ({ ...HEALTHY, ...others, pool: { ...HEALTHY.pool, ...pool } });

const withServer = (changes: Partial<ServerFigures>): RecommendationInputs => ({
  ...HEALTHY,
  server: server(changes),
});

/** The one advice; a failure shows all. */
function only(inputs: RecommendationInputs): Recommendation {
  const found = recommend(inputs);
  expect(found.map(({ code }) => code)).toHaveLength(1);
  const [first] = found;
  if (first === undefined) throw new Error('unreachable');
  return first;
}

describe('recommendations', () => {
  test('are none for a pool that does well, nor for one that has done nothing yet', () => {
    expect(recommend(HEALTHY)).toEqual([]);
    const nothing = {
      acquireLatency: p95(null),
      queryLatency: p95(null),
      holdLatency: p95(null),
      queryCount: 0,
    };
    expect(recommend(withPool({ ...nothing, slowQueryCount: 0 }, { server: null, peakInUse: 0 }))).toEqual(
      [],
    );
  });

  test('call a pool too small when callers wait and all connections are in use', () => {
    const advice = only(withPool({ acquireLatency: p95(40), idleConnections: 0, waitingRequests: 7 }));
    expect(advice).toMatchObject({ code: 'POOL_TOO_SMALL', severity: 'warning' });
    expect(advice.message).toMatch(
      /wait 40 ms at p95 .* all 20 are in use and 7 callers queue: raise DB_POOL_MAX/,
    );
    expect(advice.figures).toMatchObject({ acquireP95Ms: 40, maxConnections: 20, waitingRequests: 7 });
  });

  test('do not send on to a larger pool when the cores have enough to do', () => {
    const figures = { acquireLatency: p95(40), idleConnections: 0, maxConnections: 9, totalConnections: 9 };
    const advice = only(withPool(figures, { cores: 4, peakInUse: 9 }));
    expect(advice).toMatchObject({ code: 'POOL_TOO_SMALL', figures: { usefulConnections: 9 } });
    expect(advice.message).toMatch(/9 is already what 4 cores can make use of/);
  });

  test('say that the pool is large enough when callers wait while some connections are idle', () => {
    const advice = only(withPool({ acquireLatency: p95(40) }));
    expect(advice).toMatchObject({ code: 'ACQUIRE_SLOW_WHILE_IDLE', severity: 'info' });
    expect(advice.message).toMatch(/^Callers wait 40 ms at p95 for a connection while 3 of 20 are idle: /);
  });

  test('say the same when not all connections are open', () => {
    const advice = only(withPool({ acquireLatency: p95(40), idleConnections: 0, totalConnections: 12 }));
    expect(advice).toMatchObject({ code: 'ACQUIRE_SLOW_WHILE_IDLE' });
    expect(advice.message).toMatch(/12 of 20 are open/);
  });

  test('call a pool too large that was never used by half', () => {
    const advice = only({ ...HEALTHY, peakInUse: 6 });
    expect(advice).toMatchObject({ code: 'POOL_TOO_LARGE', severity: 'info', figures: { peakInUse: 6 } });
    expect(advice.message).toMatch(/Never more than 6 of 20 .* 5000 statements: DB_POOL_MAX could be 9/);
    expect(recommend(withPool({ queryCount: 999 }, { peakInUse: 6 }))).toEqual([]);
  });

  test('call a pool too large for the cores of the server', () => {
    const advice = only({ ...HEALTHY, cores: 4 });
    expect(advice).toMatchObject({ code: 'POOL_BEYOND_CORES', severity: 'info' });
    expect(advice.figures).toEqual({ maxConnections: 20, cores: 4, usefulConnections: 9 });
    expect(recommend({ ...HEALTHY, cores: 16 })).toEqual([]);
  });

  test('name callers who got no connection, before anything else', () => {
    const found = recommend(withPool({ acquireTimeouts: 3, acquireLatency: p95(9_000), idleConnections: 0 }));
    expect(found.map(({ code }) => code)).toEqual(['ACQUIRE_TIMEOUTS', 'POOL_TOO_SMALL']);
    expect(found[0]).toMatchObject({ severity: 'critical', figures: { acquireTimeouts: 3 } });
    expect(found[0]?.message).toMatch(/^3 callers got no connection within 10000 ms/);
  });

  test('notice connections that are held much longer than statements take', () => {
    const advice = only(withPool({ holdLatency: p95(900), queryLatency: p95(3.12) }));
    expect(advice).toMatchObject({ code: 'CONNECTIONS_HELD_LONG', severity: 'warning' });
    expect(advice.message).toMatch(/held for 900 ms at p95, while a statement takes 3.1 ms/);
    expect(recommend(withPool({ holdLatency: p95(90), queryLatency: p95(1) }))).toEqual([]);
  });

  test('notice that slow statements are many', () => {
    const advice = only(withPool({ slowQueryCount: 600, queryLatency: p95(800) }));
    expect(advice).toMatchObject({ code: 'SLOW_QUERIES', severity: 'warning' });
    expect(advice.message).toMatch(/^600 of 5000 statements \(12 %\).* p95 is 800 ms/);
  });

  test('notice that the statement timeout is off', () => {
    expect(only({ ...HEALTHY, statementTimeoutMs: 0 })).toMatchObject({ code: 'STATEMENT_TIMEOUT_OFF' });
  });

  test('notice that the connections of the server run out', () => {
    const advice = recommend(withServer({ all: connections({ total: 85 }) })).find(
      ({ code }) => code === 'SERVER_CONNECTIONS_SCARCE',
    );
    expect(advice).toMatchObject({
      severity: 'warning',
      figures: { connections: 85, available: 100, ours: 10 },
    });
    expect(advice?.message).toMatch(/^85 of the 100 connections .* 10 of them/);
    const full = recommend(withServer({ all: connections({ total: 100 }) }));
    expect(full.map(({ severity }) => severity)).toEqual(['critical', 'critical']);
  });

  test('notice that the pools of all processes will not fit, before they are full', () => {
    const advice = only({ ...HEALTHY, processes: 5 });
    expect(advice).toMatchObject({ code: 'POOLS_EXCEED_SERVER', severity: 'critical' });
    expect(advice.figures).toMatchObject({ ours: 100, others: 10, available: 100 });
    expect(advice.message).toMatch(/^5 pools of 20 may take 100 connections .* 110 %/);
    expect(recommend({ ...HEALTHY, processes: 3 })).toEqual([]);
  });

  test('notice that this pool has no room to grow, where the number of processes is not known', () => {
    const advice = only(withPool({ totalConnections: 10, maxConnections: 90 }, { peakInUse: 60 }));
    expect(advice).toMatchObject({ code: 'POOLS_EXCEED_SERVER', severity: 'warning', figures: { ours: 90 } });
  });

  test('notice transactions that wait for the application', () => {
    const idle = connections({ idleInTransaction: 2, longestIdleInTransactionMs: 4_000 });
    const advice = only(withServer({ ours: idle }));
    expect(advice).toMatchObject({ code: 'IDLE_IN_TRANSACTION', figures: { longestMs: 4_000 } });
    expect(advice.message).toMatch(/^2 of 10 connections .* for 4000 ms/);
    const brief = connections({ idleInTransaction: 2, longestIdleInTransactionMs: 20 });
    expect(recommend(withServer({ ours: brief }))).toEqual([]);
  });

  test('notice statements that wait for locks', () => {
    const locked = connections({ active: 5, waitingForLock: 4, longestWaitingForLockMs: 1_234.5 });
    const advice = only(withServer({ ours: locked }));
    expect(advice).toMatchObject({ code: 'LOCK_WAITS', severity: 'warning' });
    expect(advice.message).toMatch(/^4 of 5 active statements wait for a lock, one for 1235 ms/);
  });

  test('notice that the server is a standby', () => {
    expect(only(withServer({ inRecovery: true }))).toMatchObject({
      code: 'SERVER_READ_ONLY',
      severity: 'critical',
    });
  });

  test('take other thresholds', () => {
    const thresholds = { acquireP95Ms: 0.05 };
    expect(only({ ...HEALTHY, thresholds })).toMatchObject({ code: 'ACQUIRE_SLOW_WHILE_IDLE' });
  });

  test('have a figure of theirs in every message', () => {
    const all = recommend({
      ...withPool({ acquireTimeouts: 1, acquireLatency: p95(50), idleConnections: 0, slowQueryCount: 900 }),
      statementTimeoutMs: 0,
      peakInUse: 1,
      cores: 2,
      processes: 9,
    });
    expect(all.length).toBeGreaterThanOrEqual(6);
    for (const { message, figures } of all) {
      expect(Object.values(figures).some((figure) => message.includes(String(figure)))).toBe(true);
    }
  });
});
