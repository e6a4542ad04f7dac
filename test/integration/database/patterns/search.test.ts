import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { QueryPatterns, type SearchRequest } from '../../../../src/database/patterns/index.js';
import { ClientExecutor } from '../../../support/client-executor.js';
import { createDatabase, type TestDatabase } from '../../../support/servers.js';

let database: TestDatabase;
let executor: ClientExecutor;
let patterns: QueryPatterns;

beforeAll(async () => {
  database = await createDatabase({ migrated: false });
  executor = await ClientExecutor.connect(database.url);
  patterns = new QueryPatterns(executor, {
    cursorSecrets: ['a secret of more than sixteen bytes'],
    maxPageSize: 50,
  });
  await executor.query('CREATE EXTENSION pg_trgm');
  for (const table of ['plain', 'trigrams', 'words']) {
    await executor.query(`CREATE TABLE ${table} (id int PRIMARY KEY, name varchar(200), body text)`);
    await executor.query(
      `INSERT INTO ${table} SELECT i, 'entry ' || md5(i::text), 'nothing' FROM generate_series(1, 3000) AS i`,
    );
    await executor.query(`INSERT INTO ${table} VALUES (5001, 'PostgreSQL handbook', 'Databases for running teams'),
      (5002, '100% of_it\\all', 'Die Katzen'), (5003, 'Post office', null)`);
  }
  await executor.query('CREATE INDEX ON trigrams USING gin (name gin_trgm_ops)');
  await executor.query(`CREATE INDEX ON words USING gin (to_tsvector('english', body))`);
  await executor.query(`CREATE INDEX ON words USING gin (to_tsvector('simple', name))`);
  await executor.query('ANALYZE');
});

afterAll(async () => {
  await executor.end();
  await database.drop();
});

async function ids(request: SearchRequest): Promise<number[]> {
  const { items } = await patterns.search<{ id: number }>(request);
  return items.map(({ id }) => id).sort((a, b) => a - b);
}

async function plan(request: SearchRequest): Promise<string> {
  await patterns.search(request);
  const statement = executor.sent.at(-1);
  // So small a table is read whole unless that is made dear: the question here is what an index can serve at all.
  await executor.query('SET enable_seqscan = off');
  try {
    return JSON.stringify(await executor.query(`EXPLAIN ${statement?.text}`, statement?.parameters));
  } finally {
    await executor.query('RESET enable_seqscan');
  }
}

describe('a search by substring', () => {
  test('finds a term in any of the columns, whatever its case', async () => {
    const found = await patterns.search<{ id: number }>({
      table: 'plain',
      columns: ['name', 'body'],
      term: ' POST ',
      select: ['id'],
    });
    expect(found).toMatchObject({ method: 'substring', hasMore: false });
    expect(await ids({ table: 'plain', columns: ['name', 'body'], term: 'for RUN' })).toEqual([5001]);
    expect(
      await ids({ table: 'plain', columns: ['name'], term: 'post', where: { id: { gt: 5001 } } }),
    ).toEqual([5003]);
  });

  test('takes percent signs, underscores and backslashes for themselves', async () => {
    for (const term of ['0% of', 'of_it', 't\\al']) {
      expect(await ids({ table: 'plain', columns: ['name'], term })).toEqual([5002]);
    }
    for (const term of ['1%o', 'o_f', '%%', '__']) {
      expect(await ids({ table: 'plain', columns: ['name'], term })).toEqual([]);
    }
  });

  test('finds exactly the rows that contain the term, whatever it is made of', async () => {
    await executor.query('CREATE TABLE texts (id int PRIMARY KEY, name text)');
    const text = fc.string({ unit: fc.constantFrom('%', '_', '\\', 'a', 'b', "'", '"'), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 20 }), text, async (texts, term) => {
        fc.pre(term.trim().length > 0);
        await executor.query('TRUNCATE texts');
        await executor.query(
          'INSERT INTO texts SELECT i - 1, t FROM unnest($1::text[]) WITH ORDINALITY AS x (t, i)',
          [texts],
        );
        const expected = texts.flatMap((each, id) => (each.includes(term) ? [id] : []));
        expect(await ids({ table: 'texts', columns: ['name'], term, minTermLength: 1 })).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  test('gives no more than its limit and says whether there was more', async () => {
    const request: SearchRequest = { table: 'plain', columns: ['name'], term: 'entry' };
    expect(await patterns.search(request)).toMatchObject({ hasMore: true, items: { length: 20 } });
    expect(await patterns.search({ ...request, limit: 7 })).toMatchObject({
      hasMore: true,
      items: { length: 7 },
    });
    for (const limit of [0, 51, Number.NaN]) {
      await expect(patterns.search({ ...request, limit })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });

  test('is served by an index of trigrams', async () => {
    const request: SearchRequest = {
      table: 'trigrams',
      columns: ['name'],
      term: 'handbook',
      method: 'substring',
    };
    expect(await ids(request)).toEqual([5001]);
    expect(await plan(request)).toContain('trigrams_name_idx');
  });
});

describe('a search by likeness', () => {
  test('finds what is spelt almost so, the most alike first, through the index', async () => {
    const request: SearchRequest = { table: 'trigrams', columns: ['name'], term: 'Postgre handbok' };
    const found = await patterns.search<{ id: number }>(request);
    expect(found.method).toBe('similar');
    expect(found.items[0]?.id).toBe(5001);
    expect(await plan(request)).toContain('trigrams_name_idx');
  });

  test('is refused where no index has trigrams', async () => {
    await expect(
      patterns.search({ table: 'trigrams', columns: ['name', 'body'], term: 'post', method: 'similar' }),
    ).rejects.toMatchObject({ code: 'SEARCH_NOT_INDEXED', context: { columns: ['name', 'body'] } });
  });
});

describe('a search by words', () => {
  test('finds other forms of a word in the language of the index, through it', async () => {
    const request: SearchRequest = { table: 'words', columns: ['body'], term: 'team runs database' };
    expect(await patterns.search(request)).toMatchObject({ method: 'words', items: [{ id: 5001 }] });
    expect(await plan(request)).toContain('words_to_tsvector_idx');
  });

  test('looks into a column of another type, and into several', async () => {
    expect(await patterns.search({ table: 'words', columns: ['name'], term: 'office' })).toMatchObject({
      method: 'words',
      items: [{ id: 5003 }],
    });
    expect(await ids({ table: 'words', columns: ['name', 'body'], term: 'team or office' })).toEqual([
      5001, 5003,
    ]);
  });

  test('looks into a column of type tsvector', async () => {
    await executor.query(`CREATE TABLE vectors (id int PRIMARY KEY, v tsvector)`);
    await executor.query(`INSERT INTO vectors VALUES (1, to_tsvector('simple', 'one two')), (2, null)`);
    await executor.query('CREATE INDEX ON vectors USING gin (v)');
    expect(await ids({ table: 'vectors', columns: ['v'], term: '"one two"' })).toEqual([1]);
  });
});

describe('a search', () => {
  test('is refused for a term that is empty, too short or too long', async () => {
    for (const term of ['', '  ', 'a', 'x'.repeat(257)]) {
      await expect(patterns.search({ table: 'plain', columns: ['name'], term })).rejects.toMatchObject({
        code: 'SEARCH_TERM_INVALID',
      });
    }
  });

  test('is refused for a null byte, no columns, columns without text, and unknown ones', async () => {
    const request: SearchRequest = { table: 'plain', columns: ['name'], term: 'post' };
    for (const wrong of [{ term: 'a\0b' }, { columns: [] }, { columns: ['id'] }]) {
      await expect(patterns.search({ ...request, ...wrong })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
    await expect(patterns.search({ ...request, columns: ['nmae'] })).rejects.toMatchObject({
      code: 'UNKNOWN_IDENTIFIER',
    });
  });
});
