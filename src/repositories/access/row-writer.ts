import { ConflictError, InvalidArgumentError } from '../../errors.js';
import type { UntypedDelegate } from '../prisma-types.js';
import type { ModelAccess } from './model-access.js';
import { isRecordNotFound } from './repository-errors.js';
import { selectsRelations } from './row-selection.js';

type Fields = Readonly<Record<string, unknown>>;

/** A write of one row by its id. */
export interface RowChange {
  readonly operation: 'update' | 'delete';
  /** Null for a row that goes. */
  readonly data: Fields | null;
  /** `select`, `include` and `omit`, as Prisma takes them. */
  readonly selection: object;
  /** What the row must be besides. */
  readonly conditions: Fields;
  readonly expectedVersion?: number | undefined;
}

/** A row that was changed. */
export interface ChangedRow {
  /** As it was; null where that did not have to be known. */
  readonly before: object | null;
  /** What Prisma returned. */
  readonly after: object;
}

// After a row has changed so often between being read and being written, its tags are taken for not known.
const TAG_ATTEMPTS = 3;

/** Writes rows of a model one by one. */
export class RowWriter {
  readonly #access: ModelAccess;
  readonly #notFound: (id: unknown, cause: unknown) => Error;

  constructor(access: ModelAccess, notFound: (id: unknown, cause: unknown) => Error) {
    this.#access = access;
    this.#notFound = notFound;
  }

  /**
   * What a change writes.
   *
   * @throws InvalidArgumentError when that is nothing
   */
  dataOf(data: Fields, method: string): Fields {
    const given = Object.fromEntries(Object.entries(data ?? {}).filter(([, value]) => value !== undefined));
    if (Object.keys(given).length > 0) return this.#access.policy.change(given);
    throw new InvalidArgumentError(
      `${method} of a ${this.#access.model} needs at least one field to change.`,
    );
  }

  /**
   * Changes one row. Where entities bear tags, the row is read before, mostly from the cache, and the write is made only
   * if it still bears them: so it is known, without another statement, which lists it concerns.
   */
  async change(id: unknown, change: RowChange): Promise<ChangedRow> {
    const access = this.#access;
    const { versionField } = access.policy;
    const { expectedVersion } = change;
    if (expectedVersion !== undefined && versionField === null) {
      throw new InvalidArgumentError(`${access.model} declares no version field, so none can be expected.`);
    }
    const filter = access.key.filter(id);
    const canonical = access.key.canonicalIfNamed(id);
    const readsBefore = access.tags.areDeclared && canonical !== null;
    let before = readsBefore ? await access.rowOf(canonical) : null;
    for (let attempt = 1; ; attempt += 1) {
      const tags =
        before === null || attempt > TAG_ATTEMPTS ? null : access.tags.ofChanged(before, change.data);
      const args = access.arguments.checked({
        where: {
          ...access.key.uniqueWhere(filter),
          ...change.conditions,
          ...(tags !== null && before !== null && access.tags.conditions(before)),
          ...(expectedVersion !== undefined && versionField !== null && { [versionField]: expectedVersion }),
        },
        ...(change.data !== null && { data: change.data }),
        ...change.selection,
      });
      const { operation } = change;
      try {
        const write = { operation, args, ids: canonical === null ? [] : [canonical], tags };
        const after = await access.writeOnDelegate(write, (delegate) => this.#send(delegate, change, args));
        return { before: tags === null ? null : before, after };
      } catch (error) {
        if (!isRecordNotFound(error)) throw error;
        before = await this.#afterMiss(id, change, error);
        // What is missing is something else, such as a row to connect.
        if (attempt > TAG_ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Prisma sends the conditions with an update and with a delete, but of a delete that returns relations it looks first, and
   * then does not look whether it deleted anything.
   */
  async #send(
    delegate: UntypedDelegate,
    { operation, selection }: RowChange,
    args: { readonly where: Fields },
  ): Promise<object> {
    const { metadata, key } = this.#access;
    if (operation === 'update' || !selectsRelations(metadata, selection)) return delegate[operation](args);
    const row = await delegate.findUnique(args);
    const select = Object.fromEntries(key.fields.map((field) => [field, true]));
    const deleted = await delegate.delete({ where: args.where, select });
    return row ?? deleted;
  }

  /** The row as it is, where that does not say why it could not be changed. */
  async #afterMiss(id: unknown, change: RowChange, error: unknown): Promise<object | null> {
    const { key, policy, model } = this.#access;
    const where = { AND: [key.filter(id), change.conditions] };
    const row = await this.#access.onDatabase((delegate) => delegate.findFirst({ where }));
    if (row === null) throw this.#notFound(id, error);
    const { expectedVersion } = change;
    const actualVersion: unknown =
      policy.versionField === null ? null : Reflect.get(row, policy.versionField);
    if (expectedVersion !== undefined && actualVersion !== expectedVersion) {
      throw new ConflictError(
        `The ${model} has version ${String(actualVersion)}, not ${expectedVersion}: somebody else changed it. Read it again.`,
        { context: { model, id, expectedVersion, actualVersion }, cause: error },
      );
    }
    return row;
  }
}
