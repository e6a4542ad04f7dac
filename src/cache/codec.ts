import { Decimal } from '@prisma/client/runtime/client';
import { addExtension, Packr } from 'msgpackr';
import { CodecError } from '../errors.js';

// The first byte of every value. A later layout takes the next number, and older values become misses.
const VERSION = 1;

// Extension types 0 to 127 are the application's: https://github.com/msgpack/msgpack/blob/master/spec.md#extension-types
const DECIMAL_EXTENSION = 1;

addExtension({
  Class: Decimal,
  type: DECIMAL_EXTENSION,
  // Not `valueOf()`: that drops the sign of -0.
  pack: (value: Decimal) => Buffer.from(Object.is(value.toNumber(), -0) ? '-0' : value.toString(), 'latin1'),
  unpack: (bytes: Buffer) => new Decimal(bytes.toString('latin1')),
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
    const packed = packr.pack(value);
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
