import { describe, expect, test } from '@jest/globals';
import { LatencyRecorder } from '../../../scripts/demo/latency-recorder.js';
import type { PhaseReport } from '../../../scripts/demo/phase.js';
import { type Comparison, conclude, renderComparison, renderHealth } from '../../../scripts/demo/report.js';

function phase(changes: Partial<PhaseReport> & { reads: number; sqlStatements: number }): PhaseReport {
  const latency = new LatencyRecorder();
  latency.recordMs(1.5);
  return {
    elapsedMs: 1000,
    writes: 30,
    errors: 0,
    firstError: null,
    readLatency: latency,
    writeLatency: latency,
    staleReads: 0,
    cache: { hits: 0, misses: 0, bypasses: 0, roundTrips: 0 },
    ...changes,
  };
}

const off = phase({ reads: 1000, sqlStatements: 500 });
const on = phase({
  reads: 4000,
  sqlStatements: 200,
  cache: { hits: 3900, misses: 100, bypasses: 0, roundTrips: 900 },
});
const comparison = (changes: Partial<Comparison> = {}): Comparison => ({
  off,
  on,
  tier: 'redis',
  cacheAnswers: true,
  ...changes,
});

describe('the conclusion of the demo', () => {
  test('says how many times as many reads the cache made possible, and at what cost in SQL', () => {
    expect(conclude(comparison())).toBe(
      'With the cache on, 4.0 times as many reads were served, and 1,000 reads with their share of writes took ' +
        '50 SQL statements instead of 500. No read was stale.',
    );
  });

  test('says that the cache was away when it answered nothing', () => {
    const away = phase({ reads: 990, sqlStatements: 495 });
    expect(conclude(comparison({ on: away, cacheAnswers: false }))).toBe(
      'The cache was away: all 990 reads of the second phase went to PostgreSQL, at 1.0 times the rate of the first. ' +
        'No read was stale.',
    );
  });

  test('says that the cache brought no speed when it did not', () => {
    const slow = { ...on, reads: 900 };
    expect(conclude(comparison({ on: slow }))).toContain('On this machine the cache brought no speed.');
  });

  test('says when the cache went away in between', () => {
    const interrupted = { ...on, cache: { ...on.cache, bypasses: 1200 } };
    expect(conclude(comparison({ on: interrupted, cacheAnswers: false }))).toContain(
      '1,200 reads passed it by. It was away at the end.',
    );
  });

  test('does not hide stale reads', () => {
    expect(conclude(comparison({ on: { ...on, staleReads: 2 } }))).toContain('2 reads WERE STALE.');
  });
});

describe('the table of the two phases', () => {
  test('shows figures with separators and units, and no hit rate where nothing was asked', () => {
    const lines = renderComparison(comparison()).split('\n');
    expect(lines).toContain('reads                  1,000     4,000');
    expect(lines).toContain('hit rate                   –    97.5 %');
    expect(lines).toContain('read latency p99     1.50 ms   1.50 ms');
    expect(lines).toContain('Redis round trips          0       900');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(100);
  });

  test('names the tier where it is not Redis, and leaves its round trips out', () => {
    const table = renderComparison(comparison({ tier: 'memory' }));
    expect(table).toContain('cache on (memory)');
    expect(table).not.toContain('Redis');
  });
});

describe('the health report', () => {
  test('shows what is away without a latency, and why it is', () => {
    const text = renderHealth(
      {
        status: 'degraded',
        database: true,
        cache: false,
        latencyMs: { database: 0.4, cache: 12 },
        repositories: { user: { healthy: true, latencyMs: 0.9 } },
        errors: ['cache: closed'],
      },
      'redis',
    );
    expect(text.split('\n').map((line) => line.replace(/\s+/g, ' '))).toEqual([
      'health degraded answered in',
      '─────────────── ──────── ───────────',
      'PostgreSQL up 0.400 ms',
      'Redis away –',
      'user repository up 0.900 ms',
      'cache: closed',
    ]);
  });
});
