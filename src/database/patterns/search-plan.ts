import { SearchNotIndexedError } from './errors.js';
import { isTextual } from './filter.js';
import { quoteIdentifier } from './identifiers.js';
import { likePattern } from './like-pattern.js';
import { joinSql, type Sql, sql, trusted } from './sql.js';
import type { ColumnShape, SearchIndex, TableShape } from './table-shape.js';

/** How a term is matched: as part of a text, by likeness of its trigrams, or by its words. */
export type SearchMethod = 'substring' | 'similar' | 'words';

/** A way to search, as conditions. */
export interface SearchPlan {
  readonly method: SearchMethod;
  readonly condition: Sql;
  /** How well a row matches, the more the better; null where rows match or do not. */
  readonly rank: Sql | null;
}

const TRIGRAM_CLASSES: readonly string[] = ['gin_trgm_ops', 'gist_trgm_ops'];
const TEXT_VECTOR = /^to_tsvector\('((?:[^']|'')+)'::regconfig, (.+)\)$/;

/**
 * ILIKE on any of the columns. An index of trigrams serves it where there is one.
 * https://www.postgresql.org/docs/15/pgtrgm.html#id-1.11.7.42.8
 */
export function substringPlan(columns: readonly ColumnShape[], term: string): SearchPlan {
  const pattern = likePattern(term, 'contains');
  const conditions = columns.map(({ quoted }) => sql`${trusted(quoted)} ILIKE ${pattern}`);
  return { method: 'substring', condition: anyOf(conditions), rank: null };
}

/** Word similarity by trigrams, or null unless each column has an index of them. */
export function similarPlan(
  shape: TableShape,
  columns: readonly ColumnShape[],
  term: string,
): SearchPlan | null {
  const schemas = columns.map((column) => trigramSchema(shape, column));
  const [schema] = schemas;
  if (schema === undefined || schema === null || schemas.includes(null)) return null;
  const within = quoteIdentifier(schema);
  const conditions = columns.map(
    ({ quoted }) => sql`${term}::text OPERATOR(${trusted(within)}.<%) ${trusted(quoted)}`,
  );
  const likeness = columns.map(
    ({ quoted }) => sql`coalesce(${trusted(within)}.word_similarity(${term}::text, ${trusted(quoted)}), 0)`,
  );
  return {
    method: 'similar',
    condition: anyOf(conditions),
    rank: sql`greatest(${joinSql(likeness, ', ')})`,
  };
}

/** Full-text search in the syntax of web search engines, or null unless each column has an index of its words. */
export function wordsPlan(
  shape: TableShape,
  columns: readonly ColumnShape[],
  term: string,
  language: string,
): SearchPlan | null {
  const vectors = columns.map((column) => textVector(shape, column, language));
  const found = vectors.filter((vector) => vector !== null);
  if (found.length === 0 || found.length < vectors.length) return null;
  const conditions = found.map(({ vector, config }) => sql`${trusted(vector)} @@ ${queryOf(config, term)}`);
  const ranks = found.map(({ vector, config }) => sql`ts_rank(${trusted(vector)}, ${queryOf(config, term)})`);
  return { method: 'words', condition: anyOf(conditions), rank: sql`greatest(${joinSql(ranks, ', ')})` };
}

/** @throws SearchNotIndexedError always: for a method that the columns have no index for */
export function notIndexed(shape: TableShape, columns: readonly ColumnShape[], method: SearchMethod): never {
  const names = columns.map(({ name }) => name);
  const needed =
    method === 'similar'
      ? 'USING gin (column gin_trgm_ops), of the extension pg_trgm'
      : "USING gin (to_tsvector('language', column)), or on a tsvector column";
  throw new SearchNotIndexedError(
    `No index serves a search by "${method}" on every one of ${names.join(', ')} of ${shape.quoted}. ` +
      `Create one ${needed} for each, or search by 'substring'.`,
    { context: { table: shape.quoted, columns: names, method } },
  );
}

function trigramSchema(shape: TableShape, column: ColumnShape): string | null {
  if (!isTextual(column)) return null;
  for (const { keys } of shape.searchIndexes) {
    const key = keys.find(
      (each) => each.column === column.name && TRIGRAM_CLASSES.includes(each.operatorClass),
    );
    if (key !== undefined) return key.operatorSchema;
  }
  return null;
}

/** What an index holds of the column's words, and the configuration that made them. */
function textVector(
  shape: TableShape,
  column: ColumnShape,
  language: string,
): { readonly vector: string; readonly config: string } | null {
  const keys = shape.searchIndexes.flatMap((index: SearchIndex) => index.keys);
  if (column.baseType === 'tsvector') {
    return keys.some((key) => key.column === column.name)
      ? { vector: column.quoted, config: language }
      : null;
  }
  for (const { expression } of keys) {
    const match = TEXT_VECTOR.exec(expression);
    const [, config, text] = match ?? [];
    if (config === undefined || text === undefined) continue;
    // pg_get_indexdef quotes a name only where it must, and casts where the column is no `text`.
    const name = text.replace(/^\(?(.+?)\)?::text$/, '$1');
    if (name !== column.name && name !== column.quoted) continue;
    // The index serves this very expression and no other, so its own configuration is taken.
    return { vector: expression, config: config.replaceAll("''", "'") };
  }
  return null;
}

function queryOf(config: string, term: string): Sql {
  return sql`websearch_to_tsquery(${config}::regconfig, ${term})`;
}

function anyOf(conditions: readonly Sql[]): Sql {
  return sql`(${joinSql(conditions, ' OR ')})`;
}
