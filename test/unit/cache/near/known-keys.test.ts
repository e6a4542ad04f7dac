import { expect, test } from '@jest/globals';
import { KnownKeys } from '../../../../src/cache/near/known-keys.js';

const known = (id: string) => ({ key: `{rows:${id}}`, id });

test('keeps what readers call a row apart from what it is called in another model', () => {
  const keys = new KnownKeys(10);
  const [users, teams] = [keys.table(), keys.table()];
  keys.add(users, '1', known('1'));
  keys.add(users, 1, known('one'));
  expect(users.get('1')).toEqual(known('1'));
  expect(users.get(1)).toEqual(known('one'));
  expect(teams.get('1')).toBeUndefined();
});

test('holds no more than it may, of all models together, however often one is added', () => {
  const keys = new KnownKeys(100);
  const tables = Array.from({ length: 7 }, () => keys.table());
  const size = () => tables.reduce((sum, table) => sum + table.size, 0);
  for (let n = 0; n < 1_000; n += 1) {
    const table = tables[n % tables.length] ?? keys.table();
    for (let again = 0; again < 3; again += 1) keys.add(table, `${n}`, known(`${n}`));
    expect(table.get(`${n}`)).toEqual(known(`${n}`));
    expect(size()).toBeLessThanOrEqual(100);
  }
  expect(size()).toBeGreaterThan(0);
});
