import { Buffer } from 'node:buffer';
import { CodecError } from '../errors.js';
import { corrupt } from './codec/byte-source.js';
import { compressed, decompressed } from './codec/compression.js';
import { ValueReader } from './codec/value-reader.js';
import { ValueWriter } from './codec/value-writer.js';

/** The first byte of every entry. A later layout takes the next number, and older entries become misses. */
export const CODEC_VERSION = 3;

// The second byte: how the value stands behind it.
const PACKED = 0;
/** Length of the packed value in four bytes, then its bytes deflated. */
const DEFLATED = 1;

const HEADER_BYTES = 2;
const DEFLATED_HEADER_BYTES = 6;

const DEFAULT_THRESHOLD_BYTES = 4_096;

// Some fourteen thousand rows, decoded in a tenth of a second. The most awkward entry that a hostile writer can make of it
// takes less than a second, and fifty of them, read in one tick, still fit in the heap that Node takes by default.
const DEFAULT_MAX_VALUE_BYTES = 32 * 1024 * 1024;

export interface CodecOptions {
  /**
   * Packed values of at least so many bytes are compressed where that saves a quarter; 0 leaves compression off.
   *
   * @default 4_096
   */
  readonly compressionThresholdBytes?: number;
  /**
   * What one value may take in memory, in bytes, as `approximateBytes` counts. It bounds what a damaged or hostile entry can
   * make a reader allocate, and what is stored.
   *
   * @default 33_554_432
   */
  readonly maxValueBytes?: number;
}

/** Turns values into bytes and back, without loss. */
export interface Codec {
  /**
   * Encodes anything that Prisma returns: null, rows, lists of rows, with relations and JSON columns at any depth,
   * counts, aggregates and groups; that is, text, numbers, booleans, null, undefined, BigInt, Date, Decimal, Uint8Array,
   * and arrays and plain objects of these.
   *
   * @throws CodecError when the value must not be cached: `context.reason` is `unsupported` (a function, a class), `too-deep`
   * (beyond 1,000 levels, or a cycle), or `too-large` (beyond `maxValueBytes`)
   */
  encode(value: unknown): Uint8Array;
  /**
   * The value that was encoded, deep-frozen; only Bytes cannot be frozen. Keys keep their order.
   *
   * @throws CodecError when the bytes are not one whole entry of this version, whatever else they are
   */
  decode(bytes: Uint8Array): unknown;
}

/** The layout is described in `codec/layout.ts`, the reasons for one of our own in docs/decisions. */
export function createCodec(options: CodecOptions = {}): Codec {
  const thresholdBytes = options.compressionThresholdBytes ?? DEFAULT_THRESHOLD_BYTES;
  const maxValueBytes = options.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES;
  const writer = new ValueWriter();
  const reader = new ValueReader();

  function pack(value: unknown): Uint8Array {
    const bytes = writer.pack(value, HEADER_BYTES, maxValueBytes);
    if (thresholdBytes > 0 && bytes.length - HEADER_BYTES >= thresholdBytes) {
      const packed = bytes.subarray(HEADER_BYTES);
      const deflated = compressed(packed);
      if (deflated !== null) return deflatedEntry(deflated, packed.length);
    }
    bytes[0] = CODEC_VERSION;
    bytes[1] = PACKED;
    return Buffer.from(bytes);
  }

  return Object.freeze({
    encode(value: unknown): Uint8Array {
      try {
        return pack(value);
      } catch (error) {
        throw error instanceof CodecError ? error : refused(error);
      }
    },
    decode(bytes: Uint8Array): unknown {
      try {
        if (bytes[0] === CODEC_VERSION && bytes[1] === PACKED)
          return reader.unpack(bytes, maxValueBytes, HEADER_BYTES);
        return reader.unpack(inflated(bytes, maxValueBytes), maxValueBytes);
      } catch (error) {
        // What is left is a stack that was nearly used up before.
        throw error instanceof CodecError ? error : corrupt('it could not be read to its end', error);
      }
    },
  });
}

/** How many bytes an encoded entry was before it was compressed. */
export function rawLength(entry: Uint8Array): number {
  if (entry[1] !== DEFLATED) return entry.length;
  return HEADER_BYTES + new DataView(entry.buffer, entry.byteOffset).getUint32(HEADER_BYTES);
}

/** A codec with the defaults. */
export const codec: Codec = createCodec();

function deflatedEntry(deflated: Uint8Array, length: number): Uint8Array {
  const entry = Buffer.allocUnsafe(DEFLATED_HEADER_BYTES + deflated.length);
  entry[0] = CODEC_VERSION;
  entry[1] = DEFLATED;
  entry.writeUInt32BE(length, HEADER_BYTES);
  entry.set(deflated, DEFLATED_HEADER_BYTES);
  return entry;
}

/** The packed value of an entry in which it is deflated. */
function inflated(entry: Uint8Array, maxBytes: number): Uint8Array {
  if (entry[0] !== CODEC_VERSION) {
    throw new CodecError('The entry is of another codec version.', {
      context: { reason: 'version', version: entry[0] ?? null },
    });
  }
  if (entry[1] !== DEFLATED || entry.length < DEFLATED_HEADER_BYTES) throw corrupt('its header is damaged');
  const length = new DataView(entry.buffer, entry.byteOffset).getUint32(HEADER_BYTES);
  if (length > maxBytes) throw corrupt('it takes too much memory');
  return decompressed(entry.subarray(DEFLATED_HEADER_BYTES), length);
}

/** A getter that threw, a proxy that was revoked, or a stack that was nearly used up before. */
function refused(cause: unknown): CodecError {
  const isStackUsedUp = cause instanceof RangeError && cause.message.includes('call stack');
  const reason = isStackUsedUp ? 'too-deep' : 'unsupported';
  return new CodecError('The cache could not read the value to its end.', { context: { reason }, cause });
}
