export type { AggregateRequest, AggregateResult, HavingConditions, Metric } from './aggregate.js';
export type { BulkOptions, BulkProgress, BulkResult, ChunkResult } from './bulk-types.js';
export type {
  BulkCreateRequest,
  BulkDeleteRequest,
  BulkUpdateRequest,
  BulkUpsertRequest,
} from './bulk-write.js';
export {
  BulkWriteError,
  CursorError,
  type CursorFault,
  OrderNotUniqueError,
  SearchNotIndexedError,
  SearchTermError,
  UnknownIdentifierError,
} from './errors.js';
export type { ColumnConditions, Filter } from './filter.js';
export { parseTableName, quoteIdentifier, quoteTableName, type TableName } from './identifiers.js';
export type { KeysetPage, KeysetPageRequest } from './keyset-page.js';
export { type LikePlace, likePattern } from './like-pattern.js';
export type { PageLimits } from './limits.js';
export type { OffsetPage, OffsetPageRequest } from './offset-page.js';
export type { OrderBy, SortDirection } from './order.js';
export type { RowsRequest } from './pattern-context.js';
export { QueryPatterns, type QueryPatternsOptions } from './query-patterns.js';
export type { RowSource } from './row-source.js';
export type { SearchRequest, SearchResult } from './search.js';
export type { SearchMethod } from './search-plan.js';
export { joinSql, Sql, sql, trusted } from './sql.js';
export type { StreamOptions, StreamRequest } from './stream-rows.js';
export { TableCatalog } from './table-catalog.js';
export { type ColumnShape, type SearchIndex, TableShape, type UniqueIndex } from './table-shape.js';
