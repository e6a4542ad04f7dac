import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';
import {
  sessionsAt,
  slowVacuums,
  tableWithDeadRows,
  untilAt,
  untilUnlocked,
  whileHolding,
} from './fixtures.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

let database: TestDatabase;
let url: string;

beforeEach(async () => {
  database = await createDatabase({ migrated: false });
  url = database.url;
});
afterEach(() => database.drop());

function start(args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'scripts/maintenance.ts', ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'test', ...environment },
  });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const texts = { output: '', errors: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    texts.output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    texts.errors += text;
  });
  await once(child, 'close');
  return { exitCode: child.exitCode, ...texts };
}

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return ended(start(args, { DATABASE_URL: url, ...environment }));
}

describe('the commands of maintenance', () => {
  test('vacuum the tables asked for, print a line and a row for each, and exit with 0', async () => {
    await tableWithDeadRows(url, 'users');
    await tableWithDeadRows(url, '"Other Table"');
    const tables = ['--table', 'users', '--table', 'Other Table'];
    const { exitCode, output, errors } = await run(['vacuum', ...tables, '--analyze', '--freeze']);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(output).toMatch(/^VACUUM \(FREEZE, ANALYZE\) (ONLY )?"public"\."users": done in .* ms$/m);
    expect(output).toMatch(/^public\.users +done +[\d.]+ ms +1,000 +0 /m);
    expect(output).toMatch(/^public\."Other Table" +done /m);
  });

  test('do what is due, or only say so in a dry run', async () => {
    await tableWithDeadRows(url, 'users');
    await runSql(url, 'CREATE TABLE idle (id int)');
    const plan = await run(['run', '--dry-run']);
    expect(plan).toMatchObject({ exitCode: 0, errors: '' });
    expect(plan.output).toMatch(/planned +1,000 .*VACUUM \(ANALYZE\)/);
    expect(plan.output).toContain('A dry run: nothing was changed. Nothing is due for 1 other table.');
    expect((await run(['run'])).output).toContain('public.users: 1,000 dead tuples, more than 250');
    expect((await run(['run'])).output).toContain('Nothing is due for 2 tables.');
  });

  test('report the state of the tables for people, and as JSON', async () => {
    await tableWithDeadRows(url, 'users');
    const { output } = await run(['report']);
    expect(output).toMatch(/^public\.users +1,000 +1,000 +50\.0 % .* vacuum, analyze$/m);
    expect(output).toContain('public.users: vacuum, for 1,000 dead tuples, more than 250');
    const json = await run(['report', '--json', '--table', 'users']);
    expect(JSON.parse(json.output)).toMatchObject([{ table: 'public.users', rows: 1000, deadTuples: 1000 }]);
  });

  test('exit with 1 when a table could not be done, and have done the others', async () => {
    for (const name of ['a', 'b']) await tableWithDeadRows(url, name);
    const { exitCode, output } = await whileHolding(url, 'LOCK TABLE a', () =>
      run(['vacuum', '--lock-timeout-ms', '100']),
    );
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^public\.a +skipped /m);
    expect(output).toMatch(/^public\.b +done /m);
    expect(output).toContain('1 table could not be done.');
  });

  test('give one message without a stack trace, and the right exit code, for what cannot be', async () => {
    const failures = await Promise.all([
      run(['vacuum', '--bogus']),
      run(['vacuum', 'users']),
      run(['report', '--dry-run']),
      run(['vacuum', '--table', 'usres']),
      run(['reindex']),
      run(['vacuum'], { DATABASE_URL: '' }),
      run(['vacuum'], { DATABASE_URL: 'postgresql://nobody:secret@127.0.0.1:1/none' }),
    ]);
    expect(failures.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 1, 1, 1, 1]);
    const [bogus, word, dryRun, unknown, reindex, unset, nowhere] = failures.map(({ errors }) => errors);
    expect(bogus).toBe("Unknown option '--bogus'.\nTry: npm run maintenance:vacuum -- --help\n");
    expect(word).toContain("Unexpected argument 'users'");
    expect(dryRun).toContain("Unknown option '--dry-run'.");
    expect(unknown).toBe('There is no table "usres".\n');
    expect(reindex).toContain('DB_ENABLE_REINDEX=true');
    expect(unset).toContain('DATABASE_URL=(unset): expected a PostgreSQL URL');
    expect(nowhere).toContain('ECONNREFUSED');
    for (const { errors, output } of failures) {
      expect(errors).not.toMatch(/^ +at |secret/m);
      expect(output).toBe('');
    }
  });

  test('use DIRECT_DATABASE_URL where there is one', async () => {
    await tableWithDeadRows(url, 'users');
    const past = await run(['report', '--json'], {
      DATABASE_URL: 'postgresql://pooler@127.0.0.1:1/none',
      DIRECT_DATABASE_URL: url,
    });
    expect(JSON.parse(past.output)).toHaveLength(1);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'stop on %s: cancel on the server, print the results so far, exit with %i',
    async (signal, code) => {
      await tableWithDeadRows(url, 'a', 2);
      await tableWithDeadRows(url, 'b', 40_000);
      await slowVacuums(url, database.name);
      const child = start(['vacuum'], { DATABASE_URL: url });
      const end = ended(child);
      await untilAt(url, 'VACUUM%"public"."b"');
      child.kill(signal);
      const { exitCode, output, errors } = await end;
      expect(exitCode).toBe(code);
      expect(output).toMatch(/^public\.a +done /m);
      expect(output).toMatch(/^public\.b +stopped /m);
      expect(errors).toBe(`Interrupted by ${signal}. What was under way is cancelled on the server.\n`);
      expect(await sessionsAt(url, 'VACUUM')).toEqual([]);
      await untilUnlocked(url);
    },
  );
});
