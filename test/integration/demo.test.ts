import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DemoWorkload } from '../../scripts/demo/demo-workload.js';
import { importPackages } from '../../scripts/demo/import-packages.js';
import { parseManifest } from '../../scripts/demo/manifest.js';
import type { InstalledPackage } from '../../scripts/demo/package-tree.js';
import { type Repositories, repositoriesOf } from '../../scripts/demo/repositories.js';
import { serveTraffic } from '../../scripts/demo/traffic.js';
import { VersionLedger } from '../../scripts/demo/version-ledger.js';
import { Xoshiro128 } from '../../scripts/support/random.js';
import type { DomainRepositoryFactory } from '../../src/domain/index.js';
import { domainFactory } from '../support/domain.js';
import { closedPort, createDatabase, type TestDatabase } from '../support/servers.js';
import { runSql } from '../support/sql.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const brief = ['--seconds', '1', '--readers', '10'];

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs the demo as its user does, in an environment that names no server but those given. */
async function demo(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  onOutput: (output: string, interrupt: () => void) => void = () => undefined,
): Promise<Ended> {
  const own = /^(DATABASE|DB|DIRECT_DATABASE|REDIS|UPSTASH|CACHE|ENABLE)_|^(NODE_OPTIONS|NODE_ENV)$/;
  const inherited = Object.entries(process.env).filter(([name]) => !own.test(name));
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo.ts', ...args], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    onOutput(output, () => child.kill('SIGINT'));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, output, errors };
}

/** The ports of the servers that a run says it has started. */
function startedPorts(output: string): number[] {
  return [...output.matchAll(/127\.0\.0\.1:(\d+), started for this run/g)].map((match) => Number(match[1]));
}

async function isOpen(port: number): Promise<boolean> {
  const socket = createConnection({ host: '127.0.0.1', port });
  const opened = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return opened;
}

/** The figures of a row of the report. */
function row(output: string, title: string): string[] {
  const line = output.split('\n').find((candidate) => candidate.startsWith(title)) ?? '';
  return line
    .slice(title.length)
    .trim()
    .split(/\s{2,}/);
}

describe('the demo', () => {
  test('imports, serves, reports fresh reads, and leaves no server behind', async () => {
    const { exitCode, output, errors } = await demo(brief);
    expect(errors).toBe('');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/Imported [\d,]+ packages from node_modules/);
    expect(row(output, 'stale reads')).toEqual(['0', '0']);
    expect(row(output, 'errors')).toEqual(['0', '0']);
    expect(row(output, 'hit rate')[1]).toMatch(/^[\d.]+ %$/);
    expect(row(output, 'health')[0]).toBe('healthy');
    expect(output.replace(/\s+/g, ' ')).toContain('No read was stale.');
    expect(Math.max(...output.split('\n').map((line) => line.length))).toBeLessThan(100);
    const open = await Promise.all(startedPorts(output).map(isOpen));
    expect(open).not.toContain(true);
    expect(open.length).toBeGreaterThan(0);
  }, 120_000);

  test('completes without the cache where REDIS_URL leads to a closed port, and says so', async () => {
    const redisUrl = `redis://:hush@127.0.0.1:${await closedPort()}`;
    const { exitCode, output, errors } = await demo(brief, { REDIS_URL: redisUrl });
    expect(errors).toBe('');
    expect(exitCode).toBe(0);
    expect(output).toContain('The cache is away');
    expect(output.replace(/\s+/g, ' ')).toMatch(/all [\d,]+ reads of the second phase went to PostgreSQL/);
    expect(row(output, 'errors')).toEqual(['0', '0']);
    expect(row(output, 'health')[0]).toBe('degraded');
    expect(output).not.toContain('hush');
  }, 120_000);

  test('stops on a wrong setting with one message, before it starts anything', async () => {
    const { exitCode, output, errors } = await demo([], { DB_POOL_MAX: 'abc' });
    expect(exitCode).toBe(1);
    expect(output).toBe('');
    expect(errors).toContain('DB_POOL_MAX=abc');
    expect(errors).not.toMatch(/\n\s+at /);
  });

  test('stops on an unknown flag with one message', async () => {
    const { exitCode, output, errors } = await demo(['--bogus']);
    expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' });
    expect(errors).toBe("Unknown option '--bogus'.\nTry: npm run demo -- --help\n");
  });

  test('cleans up after Ctrl-C', async () => {
    let interrupted = false;
    const { exitCode, output, errors } = await demo(brief, {}, (text, interrupt) => {
      if (!interrupted && text.includes('Applied')) {
        interrupted = true;
        interrupt();
      }
    });
    expect(exitCode).toBe(130);
    expect(errors).toMatch(/^Interrupted by SIGINT\..*\n$/);
    expect(await Promise.all(startedPorts(output).map(isOpen))).not.toContain(true);
  }, 120_000);

  test("leaves a database alone where another application's tables are in the way", async () => {
    const database = await createDatabase({ migrated: false });
    try {
      await runSql(database.url, 'CREATE TABLE users (id int)');
      const { exitCode, errors } = await demo(brief, { DATABASE_URL: database.url });
      expect(exitCode).toBe(1);
      expect(errors).toContain('it already has other tables named users');
      expect(errors).not.toMatch(/\n\s+at /);
      const tables = await runSql<{ name: string }>(
        database.url,
        'SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = current_schema()',
      );
      expect(tables.map((table) => table.name)).toEqual(['users']);
    } finally {
      await database.drop();
    }
  }, 120_000);
});

describe('an import into a database that was there before', () => {
  let database: TestDatabase;
  let factory: DomainRepositoryFactory;

  beforeAll(async () => {
    database = await createDatabase();
    factory = domainFactory({ databaseUrl: database.url });
    await factory.initialize();
  });

  afterAll(async () => {
    await factory.shutdown();
    await database.drop();
  });

  const installed = (location: string, fields: object): InstalledPackage => {
    const manifest = parseManifest(JSON.stringify(fields), location);
    if (manifest === null) {
      throw new Error('The fields make no manifest.');
    }
    return {
      location,
      manifest,
      fileCount: 3,
      sizeBytes: 1_048_576n,
      codeFileCount: location === 'data' ? 0 : 2,
    };
  };
  const packages = [
    installed('rock', {
      description: 'A\u0000 rock.',
      author: 'Barney <b@rubble.com>',
      dependencies: { a: '1' },
    }),
    installed('rock/node_modules/rock', { name: 'rock', author: 'Wilma' }),
    installed('data', { name: 'x'.repeat(300), keywords: ['\ud800'] }),
  ];
  const runImport = () =>
    importPackages(packages, repositoriesOf(factory), {
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });

  test('leaves the row of a user who has the same email as it was, and stores every package', async () => {
    const stranger = await factory
      .getUserRepository()
      .create({ githubId: 'someone-else', email: 'b@rubble.com', username: 'stranger' });
    const { users, projects, jobs } = await runImport();
    expect(users).toHaveLength(3);
    expect(jobs).toEqual({ completed: 1, failed: 1, cancelled: 1 });
    expect(await factory.getUserRepository().findById(stranger.id)).toMatchObject({ username: 'stranger' });
    const stored = await factory.getProjectRepository().findMany({ include: { owner: true, jobs: true } });
    expect(stored).toHaveLength(3);
    const rock = stored.find((project) => project.id === projects[0]?.id);
    expect(rock).toMatchObject({
      description: 'A rock.',
      status: 'READY',
      sizeBytes: 1_048_576n,
      sourceStack: { a: '1' },
      owner: { name: 'Barney' },
      jobs: [{ status: 'COMPLETED', progress: 100, attempts: 1 }],
    });
    expect(rock?.estimatedCost.toFixed(4)).toBe('1.5000');
    expect(rock?.owner.id).not.toBe(stranger.id);
  });

  test('brings the rows of an earlier import up to date and adds none', async () => {
    const count = () =>
      runSql(
        database.url,
        'SELECT (SELECT count(*) FROM users) u, (SELECT count(*) FROM projects) p, (SELECT count(*) FROM conversion_jobs) j',
      );
    const [project] = (await runImport()).projects;
    const before = await count();
    await factory.getProjectRepository().update(project?.id ?? '', { fileCount: 99, name: 'changed' });
    await runImport();
    expect(await count()).toEqual(before);
    expect(await factory.getProjectRepository().findById(project?.id ?? '')).toMatchObject({
      fileCount: 3,
      name: 'rock',
    });
  });

  test('gives traffic that notices when a repository answers with what was true before', async () => {
    const repositories = repositoriesOf(factory);
    const kept = new Map<unknown, ReturnType<Repositories['projects']['findById']>>();
    const forgetful = {
      update: (...args: Parameters<Repositories['projects']['update']>) =>
        repositories.projects.update(...args),
      findWithJobs: (id: string) => repositories.projects.findWithJobs(id),
      findByUser: (id: string) => repositories.projects.findByUser(id),
      findById: (id: string) => {
        const answer = kept.get(id) ?? repositories.projects.findById(id);
        kept.set(id, answer);
        return answer;
      },
    } as unknown as Repositories['projects'];
    const staleReads = async (used: Repositories) => {
      const ledger = new VersionLedger();
      const random = Xoshiro128.fromSeed(1);
      const workload = new DemoWorkload((await runImport()).projects, used, ledger, random);
      const signal = new AbortController().signal;
      const traffic = { durationMs: 2_000, readers: 4, writeShare: 0.3, random, signal };
      const { errors, firstError, writes } = await serveTraffic(workload, traffic);
      await workload.finish();
      expect({ errors, firstError }).toEqual({ errors: 0, firstError: null });
      expect(writes).toBeGreaterThan(0);
      return ledger.staleReads;
    };
    expect(await staleReads(repositories)).toBe(0);
    expect(await staleReads({ ...repositories, projects: forgetful })).toBeGreaterThan(0);
    expect(await factory.getConversionJobRepository().findActive()).toEqual([]);
  });
});
