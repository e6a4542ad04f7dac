import { canonicalOf } from '../../cache/index.js';
import { keyTypeOf, type ModelMetadata, type ScalarField } from '../../database/index.js';
import { InvalidArgumentError, ScopeRequiredError, WiringError } from '../../errors.js';
import type { ReadOptions, RepositoryOptions } from '../repository-options.js';
import { currentScopeOf } from './scope.js';

type Fields = Readonly<Record<string, unknown>>;

/** Which rows of a model a repository lets be seen and written: those of the scope, and not deleted. */
export class RowPolicy {
  readonly #model: ModelMetadata;
  readonly #scope: { readonly field: string; readonly column: ScalarField } | null;
  readonly #softDelete: string | null;
  readonly #version: string | null;

  /** @throws WiringError when an option names a field that cannot serve for it */
  constructor(model: ModelMetadata, options: RepositoryOptions) {
    this.#model = model;
    this.#scope = options.scope === undefined ? null : scopeField(model, options.scope);
    this.#softDelete = options.softDelete ?? null;
    this.#version = options.version ?? null;
    if (this.#softDelete !== null) {
      const column = columnOf(model, this.#softDelete, 'softDelete');
      if (column.type !== 'DateTime' || !column.nullable || column.list) {
        throw new WiringError(`softDelete of ${model.name} must name a field of the type DateTime?.`);
      }
    }
    if (this.#version !== null && columnOf(model, this.#version, 'version').type !== 'Int') {
      throw new WiringError(`version of ${model.name} must name a field of the type Int.`);
    }
  }

  /** Whether every row may be seen and written. */
  get isOpen(): boolean {
    return this.#scope === null && this.#softDelete === null;
  }

  get scopeField(): string | null {
    return this.#scope?.field ?? null;
  }

  get softDeleteField(): string | null {
    return this.#softDelete;
  }

  get versionField(): string | null {
    return this.#version;
  }

  /** @throws ScopeRequiredError outside of every scope */
  conditions({ includeDeleted = false }: Pick<ReadOptions, 'includeDeleted'> = {}): Fields {
    return {
      ...(this.#scope !== null && { [this.#scope.field]: this.#scopeValue() }),
      ...(this.#softDelete !== null && !includeDeleted && { [this.#softDelete]: null }),
    };
  }

  /**
   * A filter that lets through only what may be seen.
   *
   * @throws ScopeRequiredError outside of every scope
   */
  where(given: unknown, options: ReadOptions = {}): unknown {
    if (this.isOpen) return given;
    return allOf(given, this.conditions(options));
  }

  /**
   * The arguments of a read with that filter in them.
   *
   * @throws ScopeRequiredError outside of every scope
   */
  arguments<Args extends object>(args: Args, options: ReadOptions = {}): Args {
    if (this.isOpen) return args;
    return { ...args, where: this.where(Reflect.get(args, 'where'), options) };
  }

  /** @throws ScopeRequiredError outside of every scope */
  isVisible(row: object, { includeDeleted = false }: ReadOptions = {}): boolean {
    if (this.#scope !== null) {
      if (!this.#isSame(Reflect.get(row, this.#scope.field), this.#scopeValue())) return false;
    }
    return (
      this.#softDelete === null || includeDeleted || (Reflect.get(row, this.#softDelete) ?? null) === null
    );
  }

  /**
   * The data of a new row, in the scope.
   *
   * @throws ScopeRequiredError outside of every scope
   * @throws InvalidArgumentError when it states another
   */
  newRow<Data>(data: Data): Data {
    if (this.#scope === null) return data;
    const { field } = this.#scope;
    const value = this.#scopeValue();
    const fields = data as Fields;
    const isOther = fields[field] !== undefined && !this.#isSame(fields[field], value);
    if (isOther || this.#statesScopeRelation(fields)) throw this.#scopeStated();
    const relation = this.#scopeRelation();
    const nests = Object.keys(fields).some((name) => this.#model.fields[name]?.kind === 'relation');
    if (relation === null || !nests) return { ...data, [field]: value };
    // Prisma takes either relations or the columns that hold them.
    const { [field]: _stated, ...others } = fields;
    return { ...others, [relation.name]: { connect: { [relation.reference]: value } } } as Data;
  }

  /**
   * The data of a change, with the version's increment.
   *
   * @throws InvalidArgumentError when it would change the scope or the version
   */
  change<Data>(data: Data): Data {
    const fields = data as Fields;
    if (
      this.#scope !== null &&
      (fields[this.#scope.field] !== undefined || this.#statesScopeRelation(fields))
    )
      throw this.#scopeStated();
    if (this.#version === null) return data;
    if (fields[this.#version] !== undefined) {
      throw new InvalidArgumentError(
        `${this.#version} of a ${this.#model.name} is counted by the repository. Give the version you read as expectedVersion.`,
        { context: { model: this.#model.name, field: this.#version } },
      );
    }
    return { ...data, [this.#version]: { increment: 1 } };
  }

  /** Whether two values of the scope's field mean the same. */
  #isSame(one: unknown, other: unknown): boolean {
    const type = this.#scope === null ? null : keyTypeOf(this.#scope.column);
    return type === null ? one === other : canonicalOf(one, type) === canonicalOf(other, type);
  }

  /** Whether a relation is written whose foreign key the scope's field is part of: it would lead the row out of the scope. */
  #statesScopeRelation(data: Fields): boolean {
    return Object.keys(data).some((name) => {
      const relation = this.#model.fields[name];
      const holds = relation?.kind === 'relation' && relation.fields.includes(this.#scope?.field ?? '');
      return holds && data[name] !== undefined;
    });
  }

  /** The relation that the scope's field alone holds. */
  #scopeRelation(): { readonly name: string; readonly reference: string } | null {
    for (const [name, field] of Object.entries(this.#model.fields)) {
      if (field.kind !== 'relation' || field.fields.join() !== this.#scope?.field) continue;
      const [reference] = field.references;
      if (reference !== undefined) return { name, reference };
    }
    return null;
  }

  #scopeValue(): unknown {
    const field = this.#scope?.field ?? '';
    const value = currentScopeOf(field);
    if (value !== undefined && value !== null) return value;
    throw new ScopeRequiredError(
      `${this.#model.name} is confined by ${field}. Call this within withScope({ ${field} }, ...), or on repository.forScope(${field}).`,
      { context: { model: this.#model.name, field } },
    );
  }

  #scopeStated(): InvalidArgumentError {
    const field = this.#scope?.field ?? '';
    return new InvalidArgumentError(
      `${field} of a ${this.#model.name} comes from the scope: leave it out of the data, and relations that it holds, or state the scope's own.`,
      { context: { model: this.#model.name, field } },
    );
  }
}

/** Both filters at once. */
function allOf(given: unknown, conditions: Fields): Fields {
  const fields = (given ?? {}) as Fields;
  const collides = Object.keys(conditions).some((field) => fields[field] !== undefined);
  return collides ? { AND: [fields, conditions] } : { ...fields, ...conditions };
}

function scopeField(model: ModelMetadata, field: string) {
  return { field, column: columnOf(model, field, 'scope') };
}

function columnOf(model: ModelMetadata, field: string, option: string): ScalarField {
  const column = model.fields[field];
  if (column?.kind === 'scalar') return column;
  throw new WiringError(`${option} names "${field}", but ${model.name} has no such column.`);
}
