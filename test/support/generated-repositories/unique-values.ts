import { Decimal } from '@prisma/client/runtime/client';
import type { ModelMetadata } from '../../../src/database/index.js';

type Fields = Readonly<Record<string, unknown>>;

/** The values that the unique keys of one model have, as PostgreSQL compares them. */
export class UniqueValues {
  readonly #model: ModelMetadata;
  readonly #taken = new Map<string, Set<string>>();

  constructor(model: ModelMetadata) {
    this.#model = model;
  }

  /** Whether no row has this row's value in any key. */
  areFree(row: Fields): boolean {
    return this.#texts(row).every(([key, text]) => !this.#taken.get(key)?.has(text));
  }

  take(row: Fields): void {
    for (const [key, text] of this.#texts(row)) {
      const texts = this.#taken.get(key) ?? new Set();
      this.#taken.set(key, texts.add(text));
    }
  }

  release(row: Fields): void {
    for (const [key, text] of this.#texts(row)) this.#taken.get(key)?.delete(text);
  }

  /** A key with a null in it, or with a value that the database makes, equals no other. */
  #texts(row: Fields): readonly (readonly [key: string, text: string])[] {
    return [this.#model.id, ...this.#model.uniques].flatMap((fields) => {
      const values = fields.map((field) => (Object.hasOwn(row, field) ? row[field] : undefined));
      if (values.some((value) => value === null || value === undefined)) return [];
      return [[fields.join(), values.map((value, index) => this.#textOf(fields[index] ?? '', value)).join()]];
    });
  }

  #textOf(name: string, value: unknown): string {
    const field = this.#model.fields[name];
    const native = field?.kind === 'scalar' ? field.nativeType : null;
    if (native === 'Char' || native === 'Citext')
      return JSON.stringify(String(value).trimEnd().toLowerCase());
    if (native === 'Inet') return JSON.stringify(String(value).replace(/\/(32|128)$/, ''));
    return textOf(value);
  }
}

/** One text for each value. */
export function textOf(value: unknown): string {
  if (value instanceof Date) return `D${value.getTime()}`;
  if (value instanceof Uint8Array) return `B${Buffer.from(value).toString('hex')}`;
  if (Decimal.isDecimal(value)) return `d${value.toFixed()}`;
  return typeof value === 'bigint' ? `i${value}` : JSON.stringify(value);
}
