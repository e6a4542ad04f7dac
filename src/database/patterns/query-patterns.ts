import type { SqlExecutor } from '../sql-executor.js';
import { type AggregateRequest, type AggregateResult, aggregate } from './aggregate.js';
import type { BulkResult } from './bulk-types.js';
import {
  type BulkCreateRequest,
  type BulkDeleteRequest,
  type BulkUpdateRequest,
  type BulkUpsertRequest,
  bulkCreate,
  bulkDelete,
  bulkUpdate,
  bulkUpsert,
} from './bulk-write.js';
import { CursorCodec } from './cursor-codec.js';
import { type KeysetPage, type KeysetPageRequest, keysetPage } from './keyset-page.js';
import type { PageLimits } from './limits.js';
import { type OffsetPage, type OffsetPageRequest, offsetPage } from './offset-page.js';
import type { PatternContext } from './pattern-context.js';
import { type SearchRequest, type SearchResult, search } from './search.js';
import type { Sql } from './sql.js';
import { type StreamOptions, type StreamRequest, streamRows } from './stream-rows.js';
import { TableCatalog } from './table-catalog.js';

export interface QueryPatternsOptions extends PageLimits {
  /** What cursors are signed with: the first signs, all are accepted. 16 bytes at least, the same in every process. */
  readonly cursorSecrets: readonly (string | Uint8Array)[];
}

/**
 * The query patterns over one executor: pages, bulk writes, search, aggregation and streams on any table, by names that
 * may come from outside. Keeps nothing but what the catalog says of the tables.
 */
export class QueryPatterns {
  readonly #context: PatternContext;
  readonly #codec: CursorCodec;
  readonly #limits: PageLimits;

  /** @throws InvalidArgumentError when there is no secret or one is too short */
  constructor(executor: SqlExecutor, options: QueryPatternsOptions) {
    const { cursorSecrets, ...limits } = options;
    this.#context = { executor, catalog: new TableCatalog() };
    this.#codec = new CursorCodec(cursorSecrets);
    this.#limits = Object.freeze(limits);
  }

  /** @see keysetPage */
  keysetPage<Row extends object>(request: KeysetPageRequest): Promise<KeysetPage<Row>> {
    return keysetPage<Row>(this.#context, this.#codec, request, this.#limits);
  }

  /** @see offsetPage */
  offsetPage<Row extends object>(request: OffsetPageRequest): Promise<OffsetPage<Row>> {
    return offsetPage<Row>(this.#context, request, this.#limits);
  }

  /** @see search */
  search<Row extends object>(request: SearchRequest): Promise<SearchResult<Row>> {
    return search<Row>(this.#context, request, this.#limits);
  }

  /** @see aggregate */
  aggregate<Group extends object, Alias extends string = string>(
    request: AggregateRequest<Alias>,
  ): Promise<AggregateResult<Group>> {
    return aggregate<Group, Alias>(this.#context, request);
  }

  /** @see streamRows */
  stream<Row extends object>(
    request: StreamRequest | (StreamOptions & { readonly statement: Sql }),
  ): AsyncGenerator<Row, void, undefined> {
    return streamRows<Row>(this.#context, request);
  }

  /** @see bulkCreate */
  bulkCreate(request: BulkCreateRequest): Promise<BulkResult> {
    return bulkCreate(this.#context, request);
  }

  /** @see bulkUpdate */
  bulkUpdate(request: BulkUpdateRequest): Promise<BulkResult> {
    return bulkUpdate(this.#context, request);
  }

  /** @see bulkUpsert */
  bulkUpsert(request: BulkUpsertRequest): Promise<BulkResult> {
    return bulkUpsert(this.#context, request);
  }

  /** @see bulkDelete */
  bulkDelete(request: BulkDeleteRequest): Promise<BulkResult> {
    return bulkDelete(this.#context, request);
  }

  /** Forgets what the catalog said of the tables, after a migration. */
  forgetTables(): void {
    this.#context.catalog.forget();
  }
}
