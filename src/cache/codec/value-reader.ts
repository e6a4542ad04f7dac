import { Decimal } from '@prisma/client/runtime/client';
import { ByteSource, corrupt } from './byte-source.js';
import * as cost from './cost.js';
import { freezeDecimal, frozenDate } from './frozen-scalars.js';
import * as layout from './layout.js';
import { isNumeric, MAX_BIG_INTEGER_BYTES, MAX_DECIMAL_TEXT, MAX_DEPTH } from './limits.js';
import { type KnownShape, ShapeCache } from './shape-cache.js';

const DECIMAL_DIGITS = /^(?:-?\d+(?:\.\d+)?(?:e[+-]\d{1,6})?|-?Infinity|NaN)$/;

const KEPT_SHAPES = 32;

/**
 * Unpacks values that came from anywhere. Whatever the bytes are, the work is linear in their number, the memory stays
 * within the budget, and the result is a value of the kinds that `ValueWriter` takes, deep-frozen but for Bytes.
 */
export class ValueReader {
  readonly #source = new ByteSource();
  readonly #cache = new ShapeCache();
  // Kept from one value to the next, of which each goes by its own count.
  readonly #shapes: KnownShape[] = [];
  #shapeCount = 0;
  #depth = 0;
  #budget = 0;

  /**
   * @param from where in the bytes it begins
   * @throws CodecError when the bytes are not one whole value, or the value would take more than `budgetBytes`
   */
  unpack(bytes: Uint8Array, budgetBytes: number, from = 0): unknown {
    this.#shapeCount = 0;
    this.#depth = 0;
    this.#budget = budgetBytes;
    this.#charge(cost.SLOT_COST);
    this.#source.open(bytes, from);
    try {
      const value = this.#read();
      if (this.#source.remaining > 0) throw corrupt('bytes are left over');
      return value;
    } finally {
      this.#source.close();
      if (this.#shapes.length > KEPT_SHAPES) this.#shapes.length = KEPT_SHAPES;
    }
  }

  #read(): unknown {
    const source = this.#source;
    const tag = source.byte();
    if (tag < layout.SMALL_INTEGER_LIMIT) return tag;
    if (tag < layout.SHORT_OBJECT) return this.#latin1(tag - layout.SHORT_TEXT);
    if (tag < layout.SHORT_ARRAY) return this.#object(this.#shapeAt(tag - layout.SHORT_OBJECT));
    if (tag < layout.NULL) return this.#array(tag - layout.SHORT_ARRAY);
    switch (tag) {
      case layout.NULL:
        return null;
      case layout.UNDEFINED:
        return undefined;
      case layout.FALSE:
        return false;
      case layout.TRUE:
        return true;
      case layout.INT8:
        return source.int8();
      case layout.INT16:
        return source.int16();
      case layout.INT32:
        return source.int32();
      case layout.FLOAT64:
        this.#charge(cost.NUMBER_COST);
        return source.float64();
      case layout.DATE:
        this.#charge(cost.DATE_COST);
        return frozenDate(source.int48());
      case layout.FAR_DATE:
        this.#charge(cost.DATE_COST);
        return frozenDate(source.float64());
      case layout.INT64:
        this.#charge(cost.BIG_INTEGER_COST);
        return source.int64();
      case layout.POSITIVE_BIG:
        return this.#magnitude();
      case layout.NEGATIVE_BIG:
        return -this.#magnitude();
      case layout.DECIMAL:
        return this.#decimal();
      case layout.BYTES:
        return this.#bytes();
      case layout.TEXT:
        return this.#text('utf8');
      case layout.TEXT_LATIN1:
        return this.#text('latin1');
      case layout.TEXT_UTF16:
        return this.#text('utf16le');
      case layout.OBJECT:
        return this.#object(this.#shapeAt(source.varint()));
      case layout.NEW_OBJECT:
        return this.#object(this.#newShape());
      case layout.ARRAY:
        return this.#array(source.varint());
      default:
        throw corrupt(`no kind of value has the tag ${tag}`);
    }
  }

  #object(shape: KnownShape | undefined): object {
    if (shape === undefined) throw corrupt('it refers to a shape that was not given');
    const { keys } = shape;
    this.#enter(shape.cost);
    const object: Record<string, unknown> = {};
    for (const key of keys) {
      const value = this.#read();
      if (shape.hasProto && key === '__proto__') define(object, key, value);
      else object[key] = value;
    }
    this.#depth -= 1;
    return Object.freeze(object);
  }

  #array(length: number): readonly unknown[] {
    // Every element takes a byte, so a length beyond what is left allocates nothing.
    if (length > this.#source.remaining) throw corrupt('it ends too early');
    this.#enter(cost.CONTAINER_COST + length * cost.SLOT_COST);
    const items = new Array<unknown>(length);
    for (let index = 0; index < length; index += 1) items[index] = this.#read();
    this.#depth -= 1;
    return Object.freeze(items);
  }

  #newShape(): KnownShape {
    const source = this.#source;
    const count = source.varint();
    const length = source.varint();
    this.#charge(length);
    const start = source.skip(length);
    const shape = this.#cache.of(source.bytes, start, start + length, count);
    this.#shapes[this.#shapeCount] = shape;
    this.#shapeCount += 1;
    return shape;
  }

  #shapeAt(index: number): KnownShape | undefined {
    return index < this.#shapeCount ? this.#shapes[index] : undefined;
  }

  #latin1(length: number): string {
    this.#charge(cost.TEXT_COST + length);
    return this.#source.latin1(length);
  }

  #text(encoding: 'utf8' | 'latin1' | 'utf16le'): string {
    return this.#source.text(this.#length(cost.TEXT_COST), encoding);
  }

  #decimal(): Decimal {
    const length = this.#length(cost.DECIMAL_COST);
    if (length > MAX_DECIMAL_TEXT) throw corrupt('a Decimal is too long');
    const digits = this.#source.latin1(length);
    // Before Decimal sees them: it also takes other bases, and is slow with them.
    if (!DECIMAL_DIGITS.test(digits)) throw corrupt('a Decimal is no number');
    const decimal = new Decimal(digits);
    if (!isNumeric(decimal)) throw corrupt('a Decimal is beyond the range of numeric');
    return freezeDecimal(decimal);
  }

  #magnitude(): bigint {
    const length = this.#length(cost.BIG_INTEGER_COST);
    if (length === 0 || length > MAX_BIG_INTEGER_BYTES) throw corrupt('a big integer has no usable length');
    return BigInt(`0x${this.#source.text(length, 'hex')}`);
  }

  /** A Uint8Array of its own, as Prisma gives it, not a view of the whole entry. */
  #bytes(): Uint8Array {
    return new Uint8Array(this.#source.block(this.#length(cost.BYTES_COST)));
  }

  /** The length of what follows, charged together with what it costs by itself. */
  #length(bytes: number): number {
    const length = this.#source.varint();
    this.#charge(bytes + length);
    return length;
  }

  #enter(bytes: number): void {
    this.#charge(bytes);
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw corrupt('it nests too deeply');
  }

  #charge(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget < 0) throw corrupt('it takes too much memory');
  }
}

/** An own property, where an assignment would call a setter of the prototype. */
function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
