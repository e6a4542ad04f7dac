import { expect, test } from '@jest/globals';
import { joinSql, Sql, sql, trusted } from '../../../../src/database/patterns/sql.js';
import { InvalidArgumentError } from '../../../../src/errors.js';

test('parameters are numbered through all pieces, in the order in which they stand', () => {
  const inner = sql`a = ${1} AND b = ${'x'}`;
  const list = joinSql([sql`${2}`, trusted('now()'), sql`${3}`], ', ');
  const whole = sql`SELECT ${list} WHERE ${inner} LIMIT ${4}`;
  expect(whole.text).toBe('SELECT $1, now(), $2 WHERE a = $3 AND b = $4 LIMIT $5');
  expect(whole.values).toEqual([2, 3, 1, 'x', 4]);
});

test('a statement with more parameters than the protocol can count is refused', () => {
  const values = Array.from({ length: 65_536 }, (_, index) => index);
  expect(() => new Sql(Array<string>(values.length + 1).fill(','), values).text).toThrow(
    InvalidArgumentError,
  );
});
