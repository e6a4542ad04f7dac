import { CodecError } from '../errors.js';
import { codec } from './codec.js';
import { freezeEntity } from './freeze.js';

/** Enters every entry's shape, so that processes of two versions do not take each other's values for corrupt. */
export const CODEC_VERSION = '1';

/** How values enter and leave the caches. */
export interface EntryCodec {
  /** Null for a value that cannot be stored, such as one that is too large: it is then not cached. */
  encodeIfPossible(value: unknown): Uint8Array | null;
  /** @throws CodecError when the bytes are no value of this version */
  decode(bytes: Uint8Array): unknown;
  /** Makes a value safe to be shared by all who read it. */
  freeze<T>(value: T): T;
}

export function entryCodec(): EntryCodec {
  return Object.freeze({
    encodeIfPossible: (value: unknown) => {
      try {
        return codec.encode(value as object);
      } catch (error) {
        if (error instanceof CodecError) return null;
        throw error;
      }
    },
    decode: (bytes: Uint8Array) => codec.decode(bytes),
    freeze: <T>(value: T) => (typeof value === 'object' && value !== null ? freezeEntity(value) : value),
  });
}
