import { CodecError } from '../errors.js';
import { createCodec, CODEC_VERSION as LAYOUT, rawLength } from './codec.js';
import { approximateBytes, freezeDeep } from './freeze.js';

/** Enters every entry's shape, so that processes of two versions do not take each other's values for corrupt. */
export const CODEC_VERSION = String(LAYOUT);

/** How values enter and leave the caches. */
export interface EntryCodec {
  /** Null for a value that cannot be stored, such as one that is too large: it is then not cached. */
  encodeIfPossible(value: unknown): Uint8Array | null;
  /**
   * The value, frozen as by `freeze`.
   *
   * @throws CodecError when the bytes are no value of this version
   */
  decode(bytes: Uint8Array): unknown;
  /** Makes a value safe to be shared by all who read it, but for Bytes in it. Use what it returns. */
  freeze<T>(value: T): T;
  /** Memory that a value takes, in bytes. */
  weigh(value: unknown): number;
  /** How many bytes an encoded value was before it was compressed. */
  rawLength(bytes: Uint8Array): number;
}

/** @param compressionThresholdBytes values of at least that size are compressed; 0 for none */
export function entryCodec(compressionThresholdBytes: number): EntryCodec {
  const codec = createCodec({ compressionThresholdBytes });
  return Object.freeze({
    encodeIfPossible: (value: unknown) => {
      try {
        return codec.encode(value);
      } catch (error) {
        if (error instanceof CodecError) return null;
        throw error;
      }
    },
    decode: (bytes: Uint8Array) => codec.decode(bytes),
    freeze: freezeDeep,
    weigh: approximateBytes,
    rawLength,
  });
}
