import { describe, expect, test } from '@jest/globals';
import type { Logger, LogMethod } from '../../../../src/config/index.js';
import type { EndedStatement } from '../../../../src/database/query-log/statement-observer.js';
import {
  StatementObserver,
  type StatementObserverOptions,
} from '../../../../src/database/query-log/statement-observer.js';

interface LogRecord {
  readonly level: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly message: string | undefined;
}

/** A logger that keeps what it is given. */
function recorder(): { readonly logger: Logger; readonly records: LogRecord[] } {
  const records: LogRecord[] = [];
  const at =
    (level: string): LogMethod =>
    (context: object | string, message?: string) => {
      records.push({ level, context: { ...Object(context) }, message });
    };
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return { logger, records };
}

const PRODUCTION = { slowThresholdMs: 200, logQueries: false, logParams: false };
const DEVELOPMENT = { slowThresholdMs: 200, logQueries: true, logParams: true };
const NOON = Date.UTC(2026, 0, 1, 12);

function observing(settings = PRODUCTION, options: StatementObserverOptions = {}) {
  const { logger, records } = recorder();
  return {
    observer: new StatementObserver(settings, logger, { timeOfDay: () => NOON, ...options }),
    records,
  };
}

const ended = (changes: Partial<EndedStatement> = {}): EndedStatement => ({
  text: `SELECT * FROM users WHERE email = 'ada@example.test' AND id = $1`,
  parameters: ['secret'],
  durationMs: 3,
  rows: 1,
  error: null,
  callSite: null,
  streamed: false,
  ...changes,
});

const SHAPE = 'SELECT * FROM users WHERE email = ? AND id = ?';
const failure = (code: string, message: string, others: object = {}): Error =>
  Object.assign(new Error(message), { code, ...others });

describe('a statement observer', () => {
  test('counts statements, failures and slow ones', () => {
    const { observer } = observing();
    observer.record(ended());
    observer.record(ended({ durationMs: 200 }));
    observer.record(ended({ error: failure('23505', 'duplicate key') }));
    expect(observer).toMatchObject({ queryCount: 3, errorCount: 1, slowCount: 1, failureCount: 0 });
    expect(observer.latency.snapshot()).toMatchObject({ count: 3, maxMs: 200 });
  });

  test('logs nothing of a quick success in production', () => {
    const { observer, records } = observing();
    observer.record(ended());
    expect(records).toEqual([]);
  });

  test('logs a slow statement in production without any value', () => {
    const { observer, records } = observing();
    observer.record(ended({ durationMs: 250 }));
    expect(records).toMatchObject([
      {
        level: 'warn',
        message: 'slow statement',
        context: { sql: SHAPE, durationMs: 250, rows: 1, parameters: null },
      },
    ]);
    expect(JSON.stringify(records)).not.toMatch(/secret|ada@example/);
  });

  test('logs a failure in production with its SQLSTATE and without any value', () => {
    const { observer, records } = observing();
    const quotes = failure('22P02', 'invalid input syntax for type uuid: "secret"');
    const taken = failure('23505', 'duplicate key value violates unique constraint "users_email_key"', {
      detail: 'Key (email)=(ada@example.test) already exists.',
      constraint: 'users_email_key',
      table: 'users',
    });
    observer.record(ended({ error: quotes }));
    observer.record(ended({ error: taken }));
    expect(records.map(({ context }) => context['error'])).toMatchObject([
      { code: '22P02', message: 'invalid input syntax for type uuid: "***"' },
      { code: '23505', constraint: 'users_email_key', table: 'users', detail: null },
    ]);
    expect(records.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'statement failed'],
      ['warn', 'statement failed'],
    ]);
    expect(JSON.stringify(records)).not.toMatch(/secret|ada@example/);
  });

  test('logs everything in development, with parameters', () => {
    const { observer, records } = observing(DEVELOPMENT);
    observer.record(ended());
    expect(records).toMatchObject([
      { level: 'debug', message: 'statement', context: { sql: ended().text, parameters: ['secret'] } },
    ]);
  });

  test('shows of a parameter what the redaction hook makes of it', () => {
    const seen: unknown[] = [];
    const redact = (parameter: unknown, index: number, statement: string): unknown => {
      seen.push([parameter, index, statement]);
      return index === 0 ? '***' : parameter;
    };
    const { observer, records } = observing(DEVELOPMENT, { redact });
    observer.record(ended({ parameters: ['secret', 7] }));
    expect(records[0]?.context['parameters']).toEqual(['***', 7]);
    expect(seen).toEqual([
      ['secret', 0, ended().text],
      [7, 1, ended().text],
    ]);
  });

  test('shows no parameter whose redaction failed', () => {
    const redact = (): never => {
      throw new Error('hook');
    };
    const { observer, records } = observing(DEVELOPMENT, { redact });
    observer.record(ended());
    expect(JSON.stringify(records)).not.toContain('"secret"');
    expect(records.at(-1)?.context['parameters']).toEqual(['[not shown: the redaction hook failed]']);
    expect(observer.failureCount).toBe(1);
  });

  test('cuts long parameters and statements, and shows bytes as their number', () => {
    const { observer, records } = observing(DEVELOPMENT);
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const parameters = [
      'x'.repeat(1_000),
      Buffer.alloc(12_345),
      Array.from({ length: 10_000 }, (_, index) => index),
      { a: 'y'.repeat(1_000), n: 5n },
      10n,
      new Date(NOON),
      circular,
      null,
      undefined,
    ];
    observer.record(ended({ text: `SELECT ${'z'.repeat(5_000)}`, parameters }));
    const [first] = records;
    const shown = first?.context['parameters'] as readonly unknown[];
    expect(shown[0]).toBe(`${'x'.repeat(200)}... (1000 characters)`);
    expect(shown[1]).toBe('[12345 bytes]');
    expect(shown[2]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, '... and 9990 more elements']);
    expect(shown[3]).toMatch(/^\{"a":"yyy.*\.\.\. \(1016 characters\)$/);
    expect(shown.slice(4, 6)).toEqual(['10', '2026-01-01T12:00:00.000Z']);
    expect(shown[6]).toMatch(/^\[no JSON: /);
    expect(shown.slice(7)).toEqual([null, undefined]);
    expect(first?.context['sql']).toMatch(/\(5007 characters\)$/);

    observer.record(ended({ parameters: Array.from({ length: 65_535 }, () => 1) }));
    expect(records[1]?.context['parameters']).toHaveLength(51);
  });

  test('keeps the last slow statements, newest first', () => {
    const { observer } = observing(PRODUCTION, { slowQueryCapacity: 3 });
    for (const durationMs of [201, 5, 202, 203, 204]) observer.record(ended({ durationMs }));
    expect(observer.slowQueries().map(({ durationMs }) => durationMs)).toEqual([204, 203, 202]);
    expect(observer.slowQueries()[0]).toMatchObject({
      sql: SHAPE,
      parameters: null,
      endedAt: new Date(NOON),
    });
    expect(Object.isFrozen(observer.slowQueries()[0])).toBe(true);
  });

  test('keeps none where it may keep none', () => {
    const { observer } = observing(PRODUCTION, { slowQueryCapacity: 0 });
    observer.record(ended({ durationMs: 999 }));
    expect(observer.slowQueries()).toEqual([]);
  });

  test('never calls a stream slow, but counts it', () => {
    const { observer, records } = observing();
    observer.record(ended({ durationMs: 60_000, rows: 1_000_000, streamed: true }));
    expect(observer).toMatchObject({ queryCount: 1, slowCount: 0 });
    expect(observer.latency.count).toBe(0);
    expect(observer.statementSummaries()).toMatchObject([{ calls: 1, rows: 1_000_000 }]);
    expect(records).toEqual([]);
  });

  test('sums up the statements of one shape, whatever their values', () => {
    const { observer } = observing();
    observer.record(ended({ text: 'SELECT 1', durationMs: 1 }));
    observer.record(ended({ text: 'select 2 -- again', durationMs: 3, rows: 4 }));
    observer.record(ended({ text: 'SELECT  3', durationMs: 2, rows: null, error: new Error('no') }));
    observer.record(ended({ text: 'COMMIT', durationMs: 50, rows: null }));
    const [first, second] = observer.statementSummaries();
    expect(first).toMatchObject({ text: 'COMMIT', calls: 1, rows: 0 });
    expect(second).toMatchObject({
      text: 'SELECT ?',
      calls: 3,
      errors: 1,
      totalMs: 6,
      avgMs: 2,
      maxMs: 3,
      rows: 5,
    });
    expect(second?.p95Ms).toBe(3);
    expect(second?.fingerprint).toMatch(/^[\da-f]{16}$/);
  });

  test('forgets the shapes not seen for longest, when there are too many', () => {
    const { observer } = observing(PRODUCTION, { summaryCapacity: 2 });
    for (const table of ['a', 'b', 'a', 'c']) observer.record(ended({ text: `SELECT * FROM ${table}` }));
    expect(
      observer
        .statementSummaries()
        .map(({ text }) => text)
        .sort(),
    ).toEqual(['SELECT * FROM a', 'SELECT * FROM c']);
  });

  test('tells listeners of every statement until they go', () => {
    const { observer } = observing();
    const seen: unknown[] = [];
    const stop = observer.onStatement((statement) => seen.push(statement));
    const stopAgain = observer.onStatement((statement) => seen.push(statement));
    observer.record(ended({ durationMs: 300 }));
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatchObject({
      text: SHAPE,
      durationMs: 300,
      rows: 1,
      slow: true,
      error: null,
      callSite: null,
    });
    stop();
    observer.record(ended());
    expect(seen).toHaveLength(3);
    stopAgain();
    stopAgain();
    observer.record(ended());
    expect(seen).toHaveLength(3);
  });

  test('does not fail for a listener that throws or rejects, and tells the others', async () => {
    const { observer, records } = observing();
    let told = 0;
    observer.onStatement(() => {
      throw new Error('listener');
    });
    observer.onStatement(async () => {
      throw new Error('async listener');
    });
    observer.onStatement(() => {
      told += 1;
    });
    observer.record(ended());
    await new Promise(setImmediate);
    expect(told).toBe(1);
    expect(observer.failureCount).toBe(2);
    expect(records).toHaveLength(1);
    expect(records[0]?.message).toMatch(/further failures are counted/);
  });

  test('does not fail for a logger that throws', () => {
    const broken: LogMethod = () => {
      throw new Error('disk full');
    };
    const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken, child: () => logger };
    const observer = new StatementObserver(DEVELOPMENT, logger);
    observer.record(ended({ durationMs: 300 }));
    observer.record(ended());
    expect(observer).toMatchObject({ queryCount: 2, slowCount: 1 });
    expect(observer.failureCount).toBeGreaterThanOrEqual(2);
    expect(observer.slowQueries()).toHaveLength(1);
  });

  test('begins anew after a reset, with its counts going on', () => {
    const { observer } = observing();
    observer.record(ended({ durationMs: 300 }));
    observer.reset();
    expect(observer.slowQueries()).toEqual([]);
    expect(observer.statementSummaries()).toEqual([]);
    expect(observer.latency.count).toBe(0);
    expect(observer.queryCount).toBe(1);
  });
});
