import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MaintenanceConnectionLostError } from '../../../src/maintenance/index.js';
import { eventually } from '../../support/eventually.js';
import { closedPort, createDatabase, ownPostgres, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';
import {
  maintenanceOf,
  outcomes,
  sessionsAt,
  slowVacuums,
  tableWithDeadRows,
  untilAt,
  untilUnlocked,
  whileHolding,
} from './fixtures.js';

let database: TestDatabase;
let url: string;

beforeEach(async () => {
  database = await createDatabase({ migrated: false });
  url = database.url;
});
afterEach(() => database.drop());

describe('two runs at once', () => {
  test('are refused: the second learns who holds the lock, and may run when the first has ended', async () => {
    await tableWithDeadRows(url, 'users');
    await whileHolding(url, 'LOCK TABLE users IN SHARE UPDATE EXCLUSIVE MODE', async () => {
      const abort = new AbortController();
      const first = maintenanceOf(url).vacuum({ signal: abort.signal });
      const pid = await untilAt(url, 'VACUUM');
      for (const second of ['vacuum', 'analyze', 'reindex', 'runMaintenance'] as const) {
        await expect(maintenanceOf(url)[second]()).rejects.toMatchObject({
          code: 'MAINTENANCE_RUNNING',
          holder: { pid, applicationName: 'holdfast maintenance', since: expect.any(Date) },
          message: expect.stringContaining(`pid ${pid}`),
        });
      }
      expect(await maintenanceOf(url).report()).toHaveLength(1);
      expect((await maintenanceOf(url).vacuum({ dryRun: true })).ok).toBe(true);
      abort.abort();
      await first;
    });
    expect((await maintenanceOf(url).vacuum()).ok).toBe(true);
  });
});

describe('an abort', () => {
  test('cancels the VACUUM at work on the server, gives the lock back, and keeps the results so far', async () => {
    await tableWithDeadRows(url, 'a', 2);
    await tableWithDeadRows(url, 'b', 40_000);
    await tableWithDeadRows(url, 'c', 2);
    await slowVacuums(url, database.name);
    const abort = new AbortController();
    const running = maintenanceOf(url).vacuum({ signal: abort.signal });
    await untilAt(url, 'VACUUM%"public"."b"');
    const abortedAt = performance.now();
    abort.abort();
    const report = await running;
    expect(performance.now() - abortedAt).toBeLessThan(10_000);
    expect(report).toMatchObject({ interrupted: true, ok: false });
    expect(outcomes(report.results)).toEqual({
      'public.a': 'done',
      'public.b': 'stopped: cancelled',
      'public.c': 'stopped: cancelled',
    });
    expect(await sessionsAt(url, 'VACUUM')).toEqual([]);
    await untilUnlocked(url);
  });

  test('does not wait for a lock that another session holds', async () => {
    await tableWithDeadRows(url, 'users', 2);
    await whileHolding(url, 'LOCK TABLE users', async () => {
      const abort = new AbortController();
      const running = maintenanceOf(url).vacuum({ signal: abort.signal, lockTimeoutMs: 20_000 });
      await eventually(
        () => runSql(url, 'SELECT pid FROM pg_locks WHERE NOT granted'),
        ({ length }) => length > 0,
      );
      abort.abort();
      const report = await running;
      expect(outcomes(report.results)).toEqual({ 'public.users': 'stopped: cancelled' });
    });
  });

  test('before the run leaves nothing done and opens no connection', async () => {
    const nowhere = `postgresql://nobody@127.0.0.1:${await closedPort()}/none`;
    const report = await maintenanceOf(nowhere).vacuum({ signal: AbortSignal.abort() });
    expect(report).toMatchObject({ interrupted: true, ok: false, results: [] });
  });
});

describe('a cancel by someone else', () => {
  test('fails the table and not the run', async () => {
    await tableWithDeadRows(url, 'a', 40_000);
    await tableWithDeadRows(url, 'b', 2);
    await slowVacuums(url, database.name);
    const running = maintenanceOf(url).vacuum();
    const pid = await untilAt(url, 'VACUUM%"public"."a"');
    await runSql(url, 'SELECT pg_cancel_backend($1)', [pid]);
    expect(outcomes((await running).results)).toEqual({
      'public.a': 'failed: cancelled',
      'public.b': 'done',
    });
  });
});

describe('a lost connection', () => {
  test('is a typed error that holds the results so far and the table whose outcome is not known', async () => {
    await tableWithDeadRows(url, 'a', 2);
    await tableWithDeadRows(url, 'b', 40_000);
    await slowVacuums(url, database.name);
    const failure = maintenanceOf(url)
      .vacuum()
      .then(
        () => null,
        (error: unknown) => error,
      );
    const pid = await untilAt(url, 'VACUUM%"public"."b"');
    await runSql(url, 'SELECT pg_terminate_backend($1)', [pid]);
    const error = await failure;
    expect(error).toBeInstanceOf(MaintenanceConnectionLostError);
    expect(error).toMatchObject({
      code: 'MAINTENANCE_CONNECTION_LOST',
      context: { table: 'public.b', results: [{ table: 'public.a', status: 'done' }] },
    });
    await untilUnlocked(url);
  });

  test('also when the whole server crashes', async () => {
    const server = await ownPostgres();
    try {
      await tableWithDeadRows(server.url, 'b', 40_000);
      await slowVacuums(server.url, 'postgres');
      const failure = maintenanceOf(server.url)
        .vacuum()
        .then(
          () => null,
          (error: unknown) => error,
        );
      await untilAt(server.url, 'VACUUM');
      await server.kill();
      expect(await failure).toMatchObject({ code: 'MAINTENANCE_CONNECTION_LOST' });
    } finally {
      await server.stop();
    }
  });

  test('that never came to be is DATABASE_UNAVAILABLE, with the password masked', async () => {
    const nowhere = `postgresql://nobody:secret@127.0.0.1:${await closedPort()}/none`;
    const failure = maintenanceOf(nowhere).vacuum();
    await expect(failure).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });
});
