import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { statementShape } from '../../../../src/database/query-log/statement-shape.js';

const textOf = (sql: string): string => statementShape(sql).text;
const fingerprintOf = (sql: string): string => statementShape(sql).fingerprint;

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const escaped = (text: string): string => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const dollarQuoted = (text: string): string => {
  const tag = text.includes('$tag') ? '$other_tag$' : '$tag$';
  return `${tag}${text.replaceAll('$', '')}${tag}`;
};

/** Any literal of any kind, with what is meant to mislead. */
const literal = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt().map(String),
  fc.constantFrom(
    '0x1F',
    '0b101',
    '0o17',
    '1_000',
    '.5',
    '1.',
    '-1e-7',
    '+3',
    'true',
    'FALSE',
    'null',
    '$1',
    '$42',
  ),
  fc.string().map(quoted),
  fc.string().map(escaped),
  fc.string().map(dollarQuoted),
  fc.constantFrom(
    `'--'`,
    `'/*'`,
    `'*/'`,
    `'""'`,
    `''''`,
    `E'\\''`,
    `$$it's$$`,
    `$a$ $b$ $a$`,
    `U&'\\0041'`,
    `X'1F'`,
  ),
);

const space = fc.stringMatching(/^[ \t\r\n\f\v]+$/);
const comment = fc.constantFrom(
  '/* plain */',
  '/* a /* nested */ one */',
  `/*traceparent='00-5bd6',route='%2Fusers'*/`,
  `/* it's "odd" $$ */`,
  `-- it's a line\n`,
  '--\r\n',
);
const gap = fc
  .array(fc.oneof(space, comment), { minLength: 1, maxLength: 3 })
  .map((parts) => ` ${parts.join('')} `);

describe('the shape of a statement', () => {
  test.each([
    ['SELECT 1', 'SELECT ?'],
    ['select "u"."id" from users u where u.id = $1', 'SELECT "u"."id" FROM users u WHERE u.id = ?'],
    ['SELECT * FROM t WHERE id IN (1, 2, 3)', 'SELECT * FROM t WHERE id IN (?)'],
    [`SELECT * FROM t WHERE (a, b) IN ((1, 'x'), (2, 'y'))`, 'SELECT * FROM t WHERE (a, b) IN ((?, ?))'],
    ['SELECT * FROM t WHERE id = ANY(ARRAY[1,2]::int[])', 'SELECT * FROM t WHERE id = ANY (ARRAY[?]::int[])'],
    [
      `INSERT INTO t (a, b) VALUES ($1, DEFAULT), ($2, 'x') RETURNING a, b;`,
      'INSERT INTO t(a, b) VALUES (?, ?), (?, DEFAULT) RETURNING a, b',
    ],
    ['SELECT a-1, (b)-1, -1, a<-1, x[-1], 2 - -3', 'SELECT a - ?, (b) - ?, ?, a < ?, x[?], ? - ?'],
    [`SELECT d->>'k', d @> '{}', d ? 'k'`, 'SELECT d ->> ?, d @> ?, d ? ?'],
    ['a IS NOT TRUE AND b = TRUE AND c IS NULL', 'a IS NOT TRUE AND b = ? AND c IS NULL'],
    ['ALTER TABLE t ALTER c SET NOT NULL', 'ALTER TABLE t ALTER c SET NOT NULL'],
    ['ROLLBACK TO SAVEPOINT "holdfast_1"', 'ROLLBACK TO SAVEPOINT ?'],
    [`SELECT 'broken'\n'over lines'`, 'SELECT ?'],
    ['SELECT t.order, "a""b", U&"d\\0061ta"', 'SELECT t.order, "a""b", U&"d\\0061ta"'],
    [
      'SELECT x.a FROM x WHERE id IN (SELECT b, a, b FROM y)',
      'SELECT x.a FROM x WHERE id IN (SELECT b, a, b FROM y)',
    ],
    ['SELECT 1; SELECT 2;', 'SELECT ?; SELECT ?'],
    ['SELECT 4*/* times */5--five', 'SELECT ? * ?'],
    ['SELECT f(1, 2, 3)', 'SELECT f(?, ?, ?)'],
    ['', ''],
  ])('of %s is %s', (sql, text) => {
    expect(textOf(sql)).toBe(text);
  });

  test('has the same fingerprint on every machine and in every version', () => {
    expect(fingerprintOf('SELECT "id" FROM "users" WHERE "id" IN ($1,$2)')).toBe(
      fingerprintOf('select "id"   from "users" where "id" in (7) -- again'),
    );
    expect(fingerprintOf('SELECT 1')).toBe('66cbb3a40d4bbd15');
  });

  test('does not hang on the values, whatever they are', () => {
    fc.assert(
      fc.property(literal, literal, literal, (a, b, c) => {
        const sql = `SELECT * FROM t WHERE a = ${a} AND b > ${b} OR f(${c}, x) LIMIT ${a}`;
        expect(textOf(sql)).toBe('SELECT * FROM t WHERE a = ? AND b > ? OR f(?, x) LIMIT ?');
      }),
    );
  });

  test('does not hang on the length of a list', () => {
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1, maxLength: 20 }), (values) => {
        const list = values.join(', ');
        expect(textOf(`SELECT a FROM t WHERE a IN (${list})`)).toBe('SELECT a FROM t WHERE a IN (?)');
        expect(textOf(`SELECT a FROM t WHERE a = ANY (ARRAY[${list}])`)).toBe(
          'SELECT a FROM t WHERE a = ANY (ARRAY[?])',
        );
        const rows = values.map((value) => `(${value}, now(), ${value})`).join(',');
        expect(textOf(`INSERT INTO t VALUES ${rows} ON CONFLICT DO NOTHING`)).toBe(
          'INSERT INTO t VALUES (?, now(), ?) ON CONFLICT DO NOTHING',
        );
      }),
    );
  });

  test('does not hang on white space, comments or the case of what is not quoted', () => {
    const words = [
      'select',
      'a',
      ',',
      '"B"',
      'from',
      'only',
      't',
      'where',
      'a',
      '=',
      '1',
      'and',
      '"B"',
      '>=',
      'c',
      '(',
      ')',
    ];
    const wanted = textOf(words.join(' '));
    const small = fc.array(fc.boolean(), { minLength: words.length, maxLength: words.length });
    fc.assert(
      fc.property(
        fc.array(gap, { minLength: words.length, maxLength: words.length }),
        small,
        (gaps, isSmall) => {
          const sql = words
            .map(
              (word, index) =>
                (isSmall[index] || word.startsWith('"') ? word : word.toUpperCase()) + gaps[index],
            )
            .join('');
          expect(textOf(sql)).toBe(wanted);
        },
      ),
    );
  });

  test('differs where tables, columns, operators or the number of arguments do', () => {
    const name = fc.stringMatching(/^[a-z]{1,3}$/).map((text) => `n_${text}`);
    const statement = fc.record({
      table: name,
      column: fc.oneof(
        name,
        name.map((text) => `"${text.toUpperCase()}"`),
      ),
      operator: fc.constantFrom('=', '<', '>=', '<>', '~', 'LIKE', 'IS DISTINCT FROM', '->>', '-'),
      call: fc.constantFrom('f(1)', 'f(1, 2)', 'g(1)', 'f((1))', 'f(a.b)', 'f(a, b)'),
    });
    const sqlOf = (s: { table: string; column: string; operator: string; call: string }): string =>
      `SELECT ${s.column} FROM ${s.table} WHERE ${s.column} ${s.operator} ${s.call}`;
    fc.assert(
      fc.property(statement, statement, (one, other) => {
        const same = sqlOf(one) === sqlOf(other);
        expect(fingerprintOf(sqlOf(one)) === fingerprintOf(sqlOf(other))).toBe(same);
      }),
    );
  });

  test('holds nothing of a string, and is made of any text without failing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof textOf(text)).toBe('string');
        expect(textOf(`SELECT ${quoted(text)}`)).toBe('SELECT ?');
      }),
      { numRuns: 500 },
    );
  });

  test('of a shape is that shape', () => {
    for (const sql of ['SELECT a, -1 FROM t WHERE b IN (1, 2)', 'INSERT INTO t(a) VALUES (1), (2)']) {
      expect(textOf(textOf(sql).replaceAll('?', '$1'))).toBe(textOf(sql));
    }
  });

  test('keeps time in proportion to length, whatever is repeated', () => {
    const LENGTH = 200_000;
    for (const part of [
      "''",
      "\\'",
      '"',
      '/*',
      '--',
      '$a$',
      '(',
      '[',
      '1,',
      '$1,',
      "E'\\",
      '+-',
      '\n',
      'a ',
      '(1),',
      '.',
    ]) {
      const sql = `SELECT E'${part.repeat(LENGTH / part.length)}`;
      const plain = `VALUES ${part.repeat(LENGTH / part.length)}`;
      const startedAt = performance.now();
      statementShape(sql);
      statementShape(plain);
      // A tenth of a second per megabyte is usual; a quadratic one would take minutes.
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    }
  });

  test('is cut where it is long, and nesting without end does not exhaust the stack', () => {
    const columns = Array.from({ length: 1_000 }, (_, index) => `column_${index}`).join(', ');
    expect(textOf(`SELECT ${columns} FROM t`)).toHaveLength(2_003);
    expect(fingerprintOf(`SELECT ${columns} FROM t`)).not.toBe(fingerprintOf(`SELECT ${columns} FROM u`));
    expect(textOf(`SELECT ${'('.repeat(100_000)}`)).toContain('...');
  });
});
