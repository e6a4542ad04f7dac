import { type ModelMetadata, type SchemaMetadata, seesOnlyMatchingRows } from '../../database/index.js';
import { type KnownValue, TagTemplate } from './tag-template.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Which tags a query lies within, and which a write concerns. `null` always means "not known", so that all queries of the
 * model are invalidated: what is not understood costs hits, never correctness.
 */
export class EntityTags {
  readonly #metadata: SchemaMetadata;
  readonly #model: ModelMetadata;
  readonly #templates: readonly TagTemplate[];
  /** Every field that is part of a tag. */
  readonly fields: readonly string[];

  /** @throws WiringError when a template names a field that cannot be part of one */
  constructor(metadata: SchemaMetadata, model: ModelMetadata, templates: readonly string[]) {
    this.#metadata = metadata;
    this.#model = model;
    this.#templates = templates
      .map((template) => new TagTemplate(model, template))
      // The more fields, the fewer rows, and the fewer writes that invalidate.
      .sort((a, b) => b.fields.length - a.fields.length);
    this.fields = [...new Set(this.#templates.flatMap((template) => template.fields))];
  }

  get areDeclared(): boolean {
    return this.#templates.length > 0;
  }

  /** The tag that every row bears which a query can see, or null. */
  within(args: object): string | null {
    if (!this.areDeclared || !seesOnlyMatchingRows(this.#metadata, this.#model.name, args)) return null;
    const asked = new Map<string, unknown>();
    collectEqualities(Reflect.get(args, 'where'), asked);
    for (const template of this.#templates) {
      const name = template.nameOf((field) => asked.get(field));
      if (typeof name === 'string') return name;
    }
    return null;
  }

  /** The tags of a row that is created with this data. */
  ofNew(data: unknown): readonly string[] | null {
    if (!this.areDeclared || !this.#changesOnlyItself(data)) return null;
    return this.#named((field) => this.#written(data as Fields, field));
  }

  /** The tags of rows that are created with these data, unless they are too many to be named one by one. */
  ofAllNew(list: readonly unknown[], max = 100): readonly string[] | null {
    const all = new Set<string>();
    for (const data of list) {
      const tags = this.ofNew(data);
      if (tags === null) return null;
      for (const tag of tags) all.add(tag);
      if (all.size > max) return null;
    }
    return [...all];
  }

  /** The tags that a row bears before and after this change; without data, of one that goes. */
  ofChanged(before: object, data: unknown): readonly string[] | null {
    if (!this.areDeclared) return null;
    const was = this.#named((field) => Reflect.get(before, field));
    if (was === null || data === null) return was;
    if (!this.#changesOnlyItself(data)) return null;
    const becomes = this.#named((field) => {
      const written = this.#written(data as Fields, field);
      return written === undefined && !this.#isWritten(data as Fields, field)
        ? Reflect.get(before, field)
        : written;
    });
    return becomes === null ? null : [...new Set([...was, ...becomes])];
  }

  /** The tags of all rows that a filter lets through, before and after a change of their columns. */
  ofMatching(where: unknown, data: unknown): readonly string[] | null {
    if (!this.areDeclared) return null;
    const asked = new Map<string, unknown>();
    collectEqualities(where, asked);
    const known: Record<string, unknown> = {};
    for (const field of this.fields) {
      const value = asked.get(field);
      if (value === undefined || value === null) return null;
      known[field] = value;
    }
    return this.ofChanged(known, data);
  }

  /** What the row must still be, for tags that were worked out from it to be those of the row that is written. */
  conditions(row: object): Fields {
    return Object.fromEntries(this.fields.map((field) => [field, Reflect.get(row, field)]));
  }

  #named(lookUp: KnownValue): readonly string[] | null {
    const names: string[] = [];
    for (const template of this.#templates) {
      const name = template.nameOf(lookUp);
      if (name === undefined) return null;
      if (name !== null) names.push(name);
    }
    return names;
  }

  /** Whether nothing in the data reaches other rows of this model: columns, and relations that are columns of this row. */
  #changesOnlyItself(data: unknown): boolean {
    if (typeof data !== 'object' || data === null) return false;
    return Object.entries(data).every(([name, value]) => {
      const field = Object.hasOwn(this.#model.fields, name) ? this.#model.fields[name] : undefined;
      if (field === undefined || value === undefined) return value === undefined;
      if (field.kind === 'scalar') return true;
      if (field.fields.length === 0 || typeof value !== 'object' || value === null) return false;
      // Prisma sends the conditions with the update; of `disconnect`, it looks first and then updates by the id alone.
      return Object.keys(value).join() === 'connect';
    });
  }

  #isWritten(data: Fields, field: string): boolean {
    return data[field] !== undefined || this.#relationOf(data, field) !== undefined;
  }

  /** The value that a column gets; undefined where that is not known, or it gets none. */
  #written(data: Fields, field: string): unknown {
    const value = data[field];
    if (value !== undefined) {
      const isOperation = typeof value === 'object' && value !== null && 'set' in value;
      return isOperation ? value.set : value;
    }
    const relation = this.#relationOf(data, field);
    if (relation === undefined) return undefined;
    const { connect } = relation.value as { connect?: unknown };
    return typeof connect === 'object' && connect !== null
      ? Reflect.get(connect, relation.reference)
      : undefined;
  }

  /** The relation in the data whose foreign key the field is part of, and which field it takes its value from. */
  #relationOf(
    data: Fields,
    field: string,
  ): { readonly value: unknown; readonly reference: string } | undefined {
    for (const [name, value] of Object.entries(data)) {
      const relation = this.#model.fields[name];
      if (relation?.kind !== 'relation' || value === undefined) continue;
      const position = relation.fields.indexOf(field);
      if (position >= 0) return { value, reference: relation.references[position] ?? '' };
    }
    return undefined;
  }
}

/** The fields that a filter lets have one value only. */
function collectEqualities(where: unknown, into: Map<string, unknown>): void {
  if (typeof where !== 'object' || where === null || Array.isArray(where)) return;
  for (const [name, value] of Object.entries(where)) {
    if (name === 'AND')
      for (const part of Array.isArray(value) ? value : [value]) collectEqualities(part, into);
    else if (typeof value !== 'object' || value === null) into.set(name, value ?? undefined);
    else if (Object.keys(value).join() === 'equals') {
      into.set(name, (value as { readonly equals: unknown }).equals ?? undefined);
    }
  }
}
