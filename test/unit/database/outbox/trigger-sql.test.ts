import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import {
  installInvalidationTriggers,
  uninstallInvalidationTriggers,
} from '../../../../src/database/outbox/trigger-sql.js';
import { InvalidArgumentError } from '../../../../src/errors.js';
import { MIGRATIONS_FOLDER } from '../../../support/shared-servers.js';

const functionsIn = (sql: string): string[] =>
  [...sql.matchAll(/CREATE OR REPLACE FUNCTION (.+)\(\)/g)].map(([, name]) => name ?? '');

describe('the SQL that installs the triggers', () => {
  test("is the reference domain's migration", async () => {
    const file = `${MIGRATIONS_FOLDER}/20261121060000_invalidation_outbox/migration.sql`;
    const tables = ['users', 'projects', 'conversion_jobs'].map((table) => ({ table, idColumns: ['id'] }));
    expect(await readFile(file, 'utf8')).toBe(installInvalidationTriggers(tables));
  });

  test('has a function of its own for each table, whatever their names have in common', () => {
    const long = 'x'.repeat(60);
    const tables = [
      { table: 'a' },
      { table: 'a', schema: 'b' },
      { table: 'b_a' },
      { table: 'a.b' },
      { table: 'a b' },
      { table: `${long}1` },
      { table: `${long}2` },
    ].map((table) => ({ ...table, idColumns: ['id'] }));
    const functions = functionsIn(installInvalidationTriggers(tables));
    expect(functions).toHaveLength(tables.length);
    expect(new Set(functions).size).toBe(tables.length);
    expect(functions[0]).toMatch(/\."record_a"$/);
  });

  test.each([
    [{ table: '', idColumns: ['id'] }, {}],
    [{ table: 'x'.repeat(64), idColumns: ['id'] }, {}],
    [{ table: 'a', schema: '', idColumns: ['id'] }, {}],
    [{ table: 'a', idColumns: ['i\0d'] }, {}],
    [{ table: 'a', idColumns: [] }, { outboxSchema: '' }],
    [{ table: 'a', idColumns: [] }, { relayRoles: ['x'.repeat(64)] }],
  ])('is refused for names that nothing can have: %j %j', (table, options) => {
    expect(() => installInvalidationTriggers([table], options)).toThrow(InvalidArgumentError);
  });

  test('is refused when what it would take away can have no name', () => {
    expect(() => uninstallInvalidationTriggers([{ table: '', idColumns: [] }])).toThrow(InvalidArgumentError);
  });
});
