import { Decimal } from '@prisma/client/runtime/client';
import { addExtension, Packr } from 'msgpackr';
import { CodecError } from '../errors.js';
import { isPlain } from './freeze.js';

// The first byte of every value. A later layout takes the next number, and older values become misses.
const VERSION = 1;

// Extension types 0 to 127 are the application's: https://github.com/msgpack/msgpack/blob/master/spec.md#extension-types
// msgpackr keeps one table for the whole process, so these are numbers that an application is unlikely to have taken.
const DECIMAL_EXTENSION = 72;
const JSON_EXTENSION = 73;
const NEGATIVE_ZERO_EXTENSION = 74;

/** A JSON document, written as such: msgpackr renames a key `__proto__`, and JSON.parse keeps it as a plain key. */
class JsonDocument {
  constructor(readonly value: unknown) {}
}

/** Stands for -0, which msgpackr would write as the integer 0. */
class NegativeZero {}
const NEGATIVE_ZERO = new NegativeZero();

addExtension({
  Class: Decimal,
  type: DECIMAL_EXTENSION,
  // Not `valueOf()`: that drops the sign of -0.
  pack: (value: Decimal) => Buffer.from(Object.is(value.toNumber(), -0) ? '-0' : value.toString(), 'latin1'),
  unpack: (bytes: Buffer) => new Decimal(bytes.toString('latin1')),
});

addExtension({
  Class: JsonDocument,
  type: JSON_EXTENSION,
  pack: (document: JsonDocument) => Buffer.from(JSON.stringify(document.value)),
  unpack: (bytes: Buffer) => JSON.parse(bytes.toString()) as unknown,
});

addExtension({
  Class: NegativeZero,
  type: NEGATIVE_ZERO_EXTENSION,
  pack: () => Buffer.alloc(1),
  unpack: () => -0,
});

const packr = new Packr({
  useRecords: false,
  mapsAsObjects: true,
  int64AsType: 'bigint',
  largeBigIntToString: false,
});

/**
 * Turns an entity into bytes and back without loss: Date, Decimal, BigInt and Bytes come back as Prisma gave them.
 */
export const codec = Object.freeze({
  encode(value: object): Uint8Array {
    const packed = packr.pack(withWrappers(value));
    const bytes = Buffer.allocUnsafe(packed.length + 1);
    bytes[0] = VERSION;
    packed.copy(bytes, 1);
    return bytes;
  },

  /** @throws CodecError when the bytes are of another version, or no value at all */
  decode(bytes: Uint8Array): object {
    if (bytes[0] !== VERSION) {
      throw new CodecError('The entry is of another codec version.', {
        context: { version: bytes[0] ?? null },
      });
    }
    let value: unknown;
    try {
      value = packr.unpack(bytes.subarray(1));
    } catch (error) {
      throw new CodecError('The entry cannot be decoded.', { cause: error });
    }
    if (typeof value !== 'object' || value === null) {
      throw new CodecError('The entry is no entity.', { context: { type: typeof value } });
    }
    return withPlainBytes(value);
  },
});

/** The entity with what msgpackr alone would not keep put into a class of its own. */
function withWrappers(entity: object): object {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entity)) fields[name] = wrapped(value);
  return fields;
}

function wrapped(value: unknown): unknown {
  if (Object.is(value, -0)) return NEGATIVE_ZERO;
  if (!isPlain(value)) return value;
  // A list of scalars has no keys; whatever else is plain came from a JSON column.
  if (!Array.isArray(value) || value.some(isPlain)) return new JsonDocument(value);
  return value.some((item) => Object.is(item, -0)) ? value.map(wrapped) : value;
}

/** Prisma gives a Bytes column as a Uint8Array of its own; msgpackr gives a Buffer that views the whole reply. */
function withPlainBytes(entity: object): object {
  for (const [name, value] of Object.entries(entity)) {
    if (Buffer.isBuffer(value)) Reflect.set(entity, name, new Uint8Array(value));
    else if (Array.isArray(value) && value.some(Buffer.isBuffer)) {
      Reflect.set(
        entity,
        name,
        value.map((item) => (Buffer.isBuffer(item) ? new Uint8Array(item) : item)),
      );
    }
  }
  return entity;
}
