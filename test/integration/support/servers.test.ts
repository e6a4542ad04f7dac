import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { PortTakenError, withFreePort } from '../../../scripts/support/free-port.js';
import type { LocalPostgres } from '../../../scripts/support/local-postgres.js';
import type { LocalRedis } from '../../../scripts/support/local-redis.js';
import { askRedis } from '../../../scripts/support/redis-command.js';
import { closedPort, createDatabase, ownPostgres, ownRedis, sharedRedis } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';

const PAUSED = Symbol('no answer');

/** What a promise gives within 300 ms, or PAUSED: that nothing answers can only be seen by waiting. */
function orPaused<T>(answer: Promise<T>): Promise<T | typeof PAUSED> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<typeof PAUSED>((resolve) => {
    timer = setTimeout(resolve, 300, PAUSED);
  });
  return Promise.race([answer, waited]).finally(() => clearTimeout(timer));
}

describe('a database of its own', () => {
  it('has the tables of the reference domain, without rows', async () => {
    const database = await createDatabase();
    const counts = 'SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM conversion_jobs) AS rows';
    expect(await runSql(database.url, counts)).toEqual([{ rows: '0' }]);
    await database.drop();
  });

  it('is made for many tests at the same time, each with other data', async () => {
    const databases = await Promise.all([1, 2, 3].map(() => createDatabase()));
    await Promise.all(
      databases.map(({ url }, i) => runSql(url, 'CREATE TABLE mine AS SELECT $1::int AS i', [i])),
    );
    const found = await Promise.all(databases.map(({ url }) => runSql(url, 'SELECT i FROM mine')));
    expect(found).toEqual([[{ i: 0 }], [{ i: 1 }], [{ i: 2 }]]);
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('is gone after drop, even while a client is connected', async () => {
    const database = await createDatabase({ migrated: false });
    const client = new Client({ connectionString: database.url });
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    const ended = new Promise((resolve) => client.once('end', resolve));
    await client.connect();
    await database.drop();
    await ended;
    expect(errors).toContainEqual(expect.objectContaining({ code: '57P01' }));
    await expect(runSql(database.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
  });
});

describe('a PostgreSQL of its own', () => {
  let server: LocalPostgres;
  afterEach(async () => {
    await server.stop();
  });

  it('comes from the embedded binaries when asked, and is PostgreSQL 18', async () => {
    server = await ownPostgres({ binaries: 'embedded' });
    expect(await runSql(server.url, 'SHOW server_version_num')).toEqual([
      { server_version_num: expect.stringMatching(/^18/) },
    ]);
  });

  it('takes settings, and has the migrations applied when asked', async () => {
    server = await ownPostgres({ migrated: true, maxConnections: 17, settings: { work_mem: '5MB' } });
    const shown = `SELECT current_setting('max_connections') AS connections, current_setting('work_mem') AS memory,
      to_regclass('users')::text AS users`;
    expect(await runSql(server.url, shown)).toEqual([{ connections: '17', memory: '5MB', users: 'users' }]);
  });

  it('has what was committed after it was killed and started again, at the same address', async () => {
    server = await ownPostgres();
    await runSql(server.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    await server.kill('SIGKILL');
    await expect(runSql(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.restart();
    expect(await runSql(server.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
  });

  it('answers nothing while it is paused, and everything after', async () => {
    server = await ownPostgres();
    const client = new Client({ connectionString: server.url });
    await client.connect();
    server.pause();
    const answer = client.query('SELECT 1 AS one');
    expect(await orPaused(answer)).toBe(PAUSED);
    server.resume();
    expect((await answer).rows).toEqual([{ one: 1 }]);
    await client.end();
  });

  it('leaves neither process nor directory behind, even when it is stopped while paused', async () => {
    server = await ownPostgres();
    server.pause();
    await server.stop();
    expect(existsSync(path.dirname(server.dataDirectory))).toBe(false);
    await expect(runSql(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says what its log said when it cannot start', async () => {
    await expect(ownPostgres({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /ended while it was starting.*invalid value for parameter "shared_buffers"/s,
    );
  });
});

describe('a Redis of its own', () => {
  let server: LocalRedis;
  afterEach(async () => {
    await server.stop();
  });

  it('is empty after a restart, unless the data are to be kept', async () => {
    server = await ownRedis();
    await askRedis(server.port, 'SET city Ghent');
    await server.restart({ keepData: true });
    expect(await askRedis(server.port, 'GET city')).toBe('Ghent');
    await server.restart();
    await expect(askRedis(server.port, 'GET city')).rejects.toThrow('nil');
  });

  it('keeps its data through a kill when it writes an append-only file', async () => {
    server = await ownRedis({ appendOnly: true });
    await askRedis(server.port, 'SET city Ghent');
    await server.kill('SIGKILL');
    await server.start();
    expect(await askRedis(server.port, 'GET city')).toBe('Ghent');
  });

  it('answers nothing while it is paused, and everything after', async () => {
    server = await ownRedis();
    server.pause();
    const answer = askRedis(server.port, 'PING');
    expect(await orPaused(answer)).toBe(PAUSED);
    server.resume();
    expect(await answer).toBe('PONG');
  });

  it('takes settings', async () => {
    server = await ownRedis({ settings: { maxmemory: '12mb' } });
    expect(await askRedis(server.port, 'INFO memory')).toContain('maxmemory:12582912');
  });
});

describe('servers whose owner is killed', () => {
  it('end, and their directories with them', async () => {
    const source = `
      import { startRedis } from './scripts/support/local-redis.ts';
      const { directory, port } = await startRedis();
      process.stdout.write(JSON.stringify({ directory, port }));
      process.kill(process.pid, 'SIGKILL');`;
    const owner = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
      encoding: 'utf8',
    });
    expect(owner).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    const { directory, port } = JSON.parse(owner.stdout) as { directory: string; port: number };
    const deadline = performance.now() + 10_000;
    while (existsSync(directory) && performance.now() < deadline) await delay(20);
    expect(existsSync(directory)).toBe(false);
    await expect(askRedis(port, 'PING')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('addresses', () => {
  it('of the shared Redis differ in their key prefix each time', () => {
    expect(sharedRedis().keyPrefix).not.toBe(sharedRedis().keyPrefix);
  });

  it('at a closed port refuse connections', async () => {
    const url = `postgresql://holdfast@127.0.0.1:${await closedPort()}/postgres`;
    await expect(runSql(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('are tried anew when a port was taken in between, and given up after the last attempt', async () => {
    const tried: number[] = [];
    const takenTwice = async (port: number) => {
      tried.push(port);
      if (tried.length < 3) throw new PortTakenError('taken');
      return port;
    };
    expect(await withFreePort(takenTwice)).toBe(tried[2]);
    await expect(withFreePort(() => Promise.reject(new PortTakenError('taken')), 2)).rejects.toThrow('taken');
  });
});
