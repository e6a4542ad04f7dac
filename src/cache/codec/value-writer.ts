import { Buffer } from 'node:buffer';
import { isDate, isUint8Array } from 'node:util/types';
import { Decimal } from '@prisma/client/runtime/client';
import { CodecError } from '../../errors.js';
import { ByteSink } from './byte-sink.js';
import * as cost from './cost.js';
import * as layout from './layout.js';
import { isNumeric, MAX_BIG_INTEGER_BYTES, MAX_DECIMAL_TEXT, MAX_DEPTH } from './limits.js';
import { ShapeBook } from './shape-book.js';

const INT48_LIMIT = 2 ** 47;

/** Packs values one after another, each by itself, in the layout of `layout.ts`. */
export class ValueWriter {
  readonly #sink = new ByteSink();
  readonly #book = new ShapeBook();
  #isPacking = false;
  #packing = 0;
  #shapeCount = 0;
  #depth = 0;
  #budget = 0;

  /**
   * Packs a value behind `prefixBytes` bytes that are left to the caller. The result is valid until the next call.
   *
   * @throws CodecError when the value is of a kind that is not packed, nests too deeply, or takes more memory than
   * `budgetBytes`; the `reason` in its context says which
   */
  pack(value: unknown, prefixBytes: number, budgetBytes: number): Buffer {
    // A computed field may itself encode something while it is read.
    if (this.#isPacking) return new ValueWriter().pack(value, prefixBytes, budgetBytes);
    this.#isPacking = true;
    this.#sink.start(prefixBytes);
    this.#packing += 1;
    this.#shapeCount = 0;
    this.#depth = 0;
    this.#budget = budgetBytes - cost.SLOT_COST;
    try {
      this.#write(value);
      return this.#sink.written();
    } finally {
      this.#isPacking = false;
    }
  }

  #write(value: unknown): void {
    if (typeof value === 'string') this.#writeText(value);
    else if (typeof value === 'number') this.#writeNumber(value);
    else if (value === null) this.#sink.byte(layout.NULL);
    else if (typeof value === 'object') this.#writeObject(value);
    else if (typeof value === 'boolean') this.#sink.byte(value ? layout.TRUE : layout.FALSE);
    else if (value === undefined) this.#sink.byte(layout.UNDEFINED);
    else if (typeof value === 'bigint') this.#writeBigInteger(value);
    else throw unsupported(typeof value);
  }

  #writeObject(value: object): void {
    if (Array.isArray(value)) this.#writeArray(value);
    else if (isPlainObject(value)) this.#writePlain(value);
    else if (isDate(value)) this.#writeDate(value.getTime());
    else if (Decimal.isDecimal(value)) this.#writeDecimal(value);
    else if (isUint8Array(value)) this.#writeBytes(value);
    else throw unsupported(`object of class ${value.constructor?.name}`);
  }

  #writeArray(items: readonly unknown[]): void {
    const { length } = items;
    this.#enter(cost.CONTAINER_COST + length * cost.SLOT_COST);
    if (length < layout.SHORT_ARRAY_LIMIT) this.#sink.byte(layout.SHORT_ARRAY + length);
    else {
      this.#sink.byte(layout.ARRAY);
      this.#sink.varint(length);
    }
    for (let index = 0; index < length; index += 1) this.#write(items[index]);
    this.#depth -= 1;
  }

  #writePlain(value: object): void {
    const keys = Object.keys(value);
    const shape = this.#book.of(keys);
    this.#enter(shape.cost);
    if (shape.packing !== this.#packing) {
      this.#charge(shape.head.length);
      this.#sink.block(shape.head);
      shape.packing = this.#packing;
      shape.number = this.#shapeCount;
      this.#shapeCount += 1;
    } else if (shape.number < layout.SHORT_OBJECT_LIMIT) {
      this.#sink.byte(layout.SHORT_OBJECT + shape.number);
    } else {
      this.#sink.byte(layout.OBJECT);
      this.#sink.varint(shape.number);
    }
    const fields = value as Readonly<Record<string, unknown>>;
    for (const key of keys) this.#write(fields[key]);
    this.#depth -= 1;
  }

  #writeNumber(value: number): void {
    const sink = this.#sink;
    if ((value | 0) !== value || Object.is(value, -0)) {
      this.#charge(cost.NUMBER_COST);
      sink.float64(layout.FLOAT64, value);
    } else if (value >= 0 && value < layout.SMALL_INTEGER_LIMIT) sink.byte(value);
    else if (value >= -0x80 && value < 0x80) sink.int8(layout.INT8, value);
    else if (value >= -0x8000 && value < 0x8000) sink.int16(layout.INT16, value);
    else sink.int32(layout.INT32, value);
  }

  #writeText(text: string): void {
    // Before it is written: a buffer for it must not be made in vain.
    if (text.length > this.#budget) throw tooLarge();
    this.#charge(cost.TEXT_COST + this.#sink.text(text));
  }

  #writeDate(time: number): void {
    this.#charge(cost.DATE_COST);
    if (time >= -INT48_LIMIT && time < INT48_LIMIT) this.#sink.int48(layout.DATE, time);
    else this.#sink.float64(layout.FAR_DATE, time);
  }

  #writeDecimal(value: Decimal): void {
    // Not `toString()`: that drops the sign of -0.
    const digits = value.valueOf();
    if (!isNumeric(value) || digits.length > MAX_DECIMAL_TEXT) {
      throw unsupported('Decimal beyond the range of numeric');
    }
    this.#charge(cost.DECIMAL_COST + digits.length);
    this.#sink.byte(layout.DECIMAL);
    this.#sink.varint(digits.length);
    this.#sink.ascii(digits);
  }

  #writeBigInteger(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.#charge(cost.BIG_INTEGER_COST);
      this.#sink.int64(layout.INT64, value);
      return;
    }
    const digits = (value < 0n ? -value : value).toString(16);
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    if (magnitude.length > MAX_BIG_INTEGER_BYTES) throw unsupported('BigInt beyond the range of numeric');
    this.#charge(cost.BIG_INTEGER_COST + magnitude.length);
    this.#sink.byte(value < 0n ? layout.NEGATIVE_BIG : layout.POSITIVE_BIG);
    this.#sink.varint(magnitude.length);
    this.#sink.block(magnitude);
  }

  #writeBytes(bytes: Uint8Array): void {
    this.#charge(cost.BYTES_COST + bytes.length);
    this.#sink.byte(layout.BYTES);
    this.#sink.varint(bytes.length);
    this.#sink.block(bytes);
  }

  #enter(bytes: number): void {
    this.#charge(bytes);
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw new CodecError(`The value nests deeper than the ${MAX_DEPTH} levels that the cache takes.`, {
        context: { reason: 'too-deep', maxDepth: MAX_DEPTH },
      });
    }
  }

  #charge(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget < 0) throw tooLarge();
  }
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function tooLarge(): CodecError {
  return new CodecError('The value takes more memory than an entry of the cache may.', {
    context: { reason: 'too-large' },
  });
}

function unsupported(kind: string): CodecError {
  return new CodecError(`The cache cannot keep a value of kind ${kind}.`, {
    context: { reason: 'unsupported', kind },
  });
}
