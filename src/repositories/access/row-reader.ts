import { WiringError } from '../../errors.js';
import type { EntityReadOptions, ReadOptions } from '../repository-options.js';
import type { ModelAccess } from './model-access.js';
import { isRowSelection, picked } from './row-selection.js';

const MAX_PAGE_SIZE = 1_000;

/** Reads the rows of a model that may be seen, in the declared order. */
export class RowReader {
  readonly #access: ModelAccess;

  constructor(access: ModelAccess) {
    this.#access = access;
  }

  get pageLimits() {
    return { maxPageSize: this.#access.options.maxPageSize ?? MAX_PAGE_SIZE };
  }

  /**
   * The row, where it may be seen.
   *
   * @throws ScopeRequiredError outside of every scope
   */
  visible(row: object | null, options: ReadOptions): object | null {
    const { policy } = this.#access;
    if (policy.isOpen) return row;
    if (row !== null) return policy.isVisible(row, options) ? row : null;
    // A missing row is no reason to answer outside of a scope.
    policy.conditions(options);
    return null;
  }

  /** The row of this id. Not async, so that a hit costs no promise but its own. */
  byId(id: unknown, selection: object | undefined, options: EntityReadOptions): Promise<object | null> {
    if (selection !== undefined || !this.#access.policy.isOpen) return this.#selected(id, selection, options);
    try {
      return this.#access.row(id, options.cache);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #selected(
    id: unknown,
    selection: object | undefined,
    options: EntityReadOptions,
  ): Promise<object | null> {
    if (selection === undefined || isRowSelection(this.#access.metadata, selection)) {
      return picked(this.visible(await this.#access.row(id, options.cache), options), selection);
    }
    return this.first('findFirst', { where: this.#access.key.filter(id), ...selection }, options);
  }

  list(args: object, options: ReadOptions): Promise<readonly object[]> {
    return this.query(this.#access.policy.arguments(this.ordered(args), options), options);
  }

  /** `findMany` with these arguments as they are. */
  query(args: object, options: ReadOptions): Promise<readonly object[]> {
    return this.#access.query({ operation: 'findMany', args }, options, (delegate, given) =>
      delegate.findMany(given),
    );
  }

  /** A query always has a result, so that it can be kept: a list of none or one. */
  async first(
    operation: 'findFirst' | 'findUnique',
    args: object,
    options: ReadOptions,
  ): Promise<object | null> {
    const query = { operation, args: this.#access.policy.arguments(args, options) };
    const rows = await this.#access.query(
      query,
      options,
      async (delegate, given): Promise<readonly object[]> => {
        const row = await delegate[operation](given);
        return row === null ? [] : [row];
      },
    );
    return rows[0] ?? null;
  }

  /** A single figure, or what else a query gives that is no row. */
  result(operation: 'count' | 'aggregate' | 'groupBy', args: object, options: ReadOptions): Promise<unknown> {
    const query = { operation, args: this.#access.policy.arguments(args, options) };
    return this.#access.query<unknown>(query, options, (delegate, given) => delegate[operation](given));
  }

  /** The arguments with the declared order, where they name none. */
  ordered<Args extends object>(args: Args): Args {
    const { defaultOrder } = this.#access.options;
    if (defaultOrder === undefined || Reflect.get(args, 'orderBy') !== undefined) return args;
    return { ...args, orderBy: defaultOrder };
  }

  /**
   * The arguments with an order that ends with the key, or a row might be on two pages.
   *
   * @throws WiringError when there is neither an order nor a key
   */
  surelyOrdered<Args extends object>(args: Args): Args {
    const ordered = this.ordered(args);
    const asked = [(Reflect.get(ordered, 'orderBy') as object | object[] | undefined) ?? []].flat();
    const { key, model } = this.#access;
    if (key.fields.length === 0 && asked.length === 0)
      throw new WiringError(`${model} has no unique key: a page of it needs orderBy.`);
    const named = new Set(asked.flatMap((each: object) => Object.keys(each)));
    const rest = key.fields.filter((field) => !named.has(field)).map((field) => ({ [field]: 'asc' }));
    return { ...ordered, orderBy: [...asked, ...rest] };
  }
}
