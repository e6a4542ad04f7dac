import { describe, expect, test } from '@jest/globals';
import { helpText, parseMaintenanceArguments, UsageError } from '../../../scripts/maintenance/arguments.js';

describe('the command line of maintenance', () => {
  test('without options asks for all tables and the defaults of the library', () => {
    expect(parseMaintenanceArguments(['vacuum'])).toEqual({
      command: 'vacuum',
      tables: undefined,
      analyze: false,
      freeze: false,
      dryRun: false,
      json: false,
      lockTimeoutMs: undefined,
      statementTimeoutMs: undefined,
      help: false,
    });
  });

  test('takes several tables and every option', () => {
    const options = ['--table', 'a', '--table=b', '--analyze', '--freeze', '--dry-run', '--json'];
    const limits = ['--lock-timeout-ms', '100', '--statement-timeout-ms', '0'];
    expect(parseMaintenanceArguments(['vacuum', ...options, ...limits])).toMatchObject({
      tables: ['a', 'b'],
      analyze: true,
      freeze: true,
      dryRun: true,
      json: true,
      lockTimeoutMs: 100,
      statementTimeoutMs: 0,
    });
  });

  test.each([
    [['sweep'], "Unknown command 'sweep'"],
    [[], "Unknown command ''"],
    [['vacuum', '--full'], "Unknown option '--full'.\nTry: npm run maintenance:vacuum -- --help"],
    [['analyze', '--freeze'], "Unknown option '--freeze'"],
    [['report', '--dry-run'], "Unknown option '--dry-run'"],
    [['run', 'users'], "Unexpected argument 'users'"],
    [['run', '--table'], "'--table <value>' argument missing"],
    [['run', '--lock-timeout-ms', '0'], '--lock-timeout-ms 0: expected whole milliseconds from 1'],
    [['run', '--lock-timeout-ms', '5s'], '--lock-timeout-ms 5s: expected'],
  ])('%j is refused: %s', (argv, message) => {
    expect(() => parseMaintenanceArguments(argv)).toThrow(UsageError);
    expect(() => parseMaintenanceArguments(argv)).toThrow(message);
  });

  test('explains itself for every command, in lines that fit', () => {
    for (const command of ['run', 'vacuum', 'analyze', 'reindex', 'report'] as const) {
      const lines = helpText(command).split('\n');
      expect(lines[0]).toMatch(/^Usage: npm run maintenance/);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
    }
  });
});
