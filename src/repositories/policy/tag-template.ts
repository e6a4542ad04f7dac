import { canonicalOf, type IdType } from '../../cache/index.js';
import { keyTypeOf, type ModelMetadata } from '../../database/index.js';
import { WiringError } from '../../errors.js';

/** The value of a field as far as it is known: `undefined` where it is not. */
export type KnownValue = (field: string) => unknown;

/** A tag that entities bear, from their own fields: `user:{ownerId}`. */
export class TagTemplate {
  readonly fields: readonly string[];
  readonly #parts: readonly (string | { readonly field: string; readonly type: IdType })[];

  /** @throws WiringError when it names no field, or one that cannot be part of a tag */
  constructor(model: ModelMetadata, template: string) {
    // Every second piece is the name of a field.
    this.#parts = template.split(/\{(\w+)\}/).map((piece, index) => {
      if (index % 2 === 0) return piece;
      const column = model.fields[piece];
      const type = column?.kind === 'scalar' ? keyTypeOf(column) : null;
      if (type !== null) return { field: piece, type };
      throw new WiringError(
        `The tag "${template}" of ${model.name} names "${piece}": expected a column of it whose values have one spelling ` +
          '(String, Int, BigInt, a uuid or an enum). Its metadata comes from the generator.',
      );
    });
    this.fields = this.#parts.flatMap((part) => (typeof part === 'string' ? [] : [part.field]));
    if (this.fields.length === 0)
      throw new WiringError(`The tag "${template}" of ${model.name} names no field.`);
  }

  /**
   * The tag of a row with these values; null where one is null, since no query asks for rows that have none; `undefined`
   * where one is not known.
   */
  nameOf(lookUp: KnownValue): string | null | undefined {
    let name = '';
    let isNull = false;
    for (const part of this.#parts) {
      if (typeof part === 'string') name += part;
      else {
        const value = lookUp(part.field);
        const text = value === null || value === undefined ? null : canonicalOf(value, part.type);
        if (value === null) isNull = true;
        else if (text === null) return undefined;
        name += text;
      }
    }
    return isNull ? null : name;
  }
}
