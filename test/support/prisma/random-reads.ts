import type { RandomSource } from '../../../scripts/support/random.js';
import type { ModelMetadata, ScalarField, SchemaMetadata } from '../../../src/database/index.js';
import { type RelationSide, relationSides } from './relation-sides.js';

type Arguments = Record<string, unknown>;

/** Arguments of `findMany` that a schema allows: filters, orders, selections and counts over relations, three deep. */
export class RandomReads {
  readonly #metadata: SchemaMetadata;
  readonly #random: RandomSource;

  constructor(metadata: SchemaMetadata, random: RandomSource) {
    this.#metadata = metadata;
    this.#random = random;
  }

  next(): { readonly model: string; readonly args: Arguments } {
    const model = this.#pick(Object.values(this.#metadata.models));
    return { model: model.name, args: this.#arguments(model, 3) };
  }

  #arguments(model: ModelMetadata, depth: number): Arguments {
    const [id = ''] = model.id;
    return {
      ...this.#maybe('where', () => this.#where(model, depth)),
      ...this.#maybe('orderBy', () => [this.#order(model, depth)]),
      ...this.#maybe('distinct', () => [id], 0.1),
      ...this.#maybe(this.#pick(['select', 'include']), () => this.#selection(model, depth), 0.7),
    };
  }

  #where(model: ModelMetadata, depth: number): Arguments {
    const sides = relationSides(this.#metadata, model);
    const kind = this.#random.next();
    if (depth === 0 || kind < 0.2) {
      const [id = ''] = model.id;
      return { [id]: this.#value(model.fields[id] as ScalarField) };
    }
    if (kind < 0.35) {
      return {
        [this.#pick(['AND', 'OR', 'NOT'])]: [this.#where(model, depth - 1), this.#where(model, depth - 1)],
      };
    }
    const side = this.#pick(sides);
    const inner = this.#where(side.target, depth - 1);
    if (side.field.list) return { [side.name]: { [this.#pick(['some', 'every', 'none'])]: inner } };
    return { [side.name]: this.#pick([inner, { is: inner }, { isNot: inner }, ...this.#absence(side)]) };
  }

  /** `null` asks for rows that lead nowhere; Prisma takes it where the relation is optional. */
  #absence(side: RelationSide): unknown[] {
    return side.field.nullable ? [null, { isNot: null }] : [];
  }

  #order(model: ModelMetadata, depth: number): Arguments {
    const sides = relationSides(this.#metadata, model);
    if (depth === 0 || this.#random.next() < 0.4) return { [this.#pick(model.id)]: 'asc' };
    const side = this.#pick(sides);
    if (side.field.list) return { [side.name]: { _count: 'desc' } };
    return { [side.name]: this.#order(side.target, depth - 1) };
  }

  #selection(model: ModelMetadata, depth: number): Arguments {
    const sides = relationSides(this.#metadata, model);
    const side = this.#pick(sides);
    const counted = sides.filter(({ field }) => field.list);
    const selected: Arguments = {};
    selected[side.name] = depth > 1 && this.#random.next() < 0.6 ? this.#included(side, depth - 1) : true;
    if (counted.length > 0 && this.#random.next() < 0.3) {
      const one = this.#pick(counted);
      const filtered = { select: { [one.name]: { where: this.#where(one.target, depth - 1) } } };
      selected['_count'] = this.#pick([true, { select: { [one.name]: true } }, filtered]);
    }
    return selected;
  }

  /** Of one row there is nothing to order or to filter. */
  #included(side: RelationSide, depth: number): Arguments {
    const args = this.#arguments(side.target, depth);
    if (side.field.list) return args;
    const { select, include } = args;
    if (select !== undefined) return { select };
    return include === undefined ? {} : { include };
  }

  #maybe(name: string, make: () => unknown, probability = 0.5): Arguments {
    return this.#random.next() < probability ? { [name]: make() } : {};
  }

  #value(field: ScalarField): unknown {
    const number = 1 + this.#random.nextInteger(4);
    return field.type === 'Int' ? number : `k${number}`;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.nextInteger(items.length)] as T;
  }
}
