import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { corrupt } from './byte-source.js';

// The fastest. On rows and JSON the higher levels take off another tenth at most, for two to five times the time; brotli
// takes twice as long to read.
const LEVEL = 1;

// Reading a compressed entry takes 5 µs and more beyond unpacking it, so it must save at least a quarter.
const WORTHWHILE_RATIO = 0.75;

// What deflate can shrink at most: https://zlib.net/zlib_tech.html
const MAX_RATIO = 1_032;

/** The bytes compressed, or null when that saves too little. */
export function compressed(bytes: Uint8Array): Uint8Array | null {
  const deflated = deflateRawSync(bytes, { level: LEVEL });
  return deflated.length <= bytes.length * WORTHWHILE_RATIO ? deflated : null;
}

/**
 * What was compressed, which must be `length` bytes long.
 *
 * @throws CodecError when it is not, or when the bytes are damaged
 */
export function decompressed(bytes: Uint8Array, length: number): Uint8Array {
  if (length > bytes.length * MAX_RATIO) throw corrupt('it is too short for what it promises');
  let inflated: Uint8Array;
  try {
    // With room to spare it is done in one piece; with none, zlib would ask for another one to find the end.
    inflated = inflateRawSync(bytes, { maxOutputLength: length + 1, chunkSize: length + 64 });
  } catch (cause) {
    throw corrupt('it does not decompress', cause);
  }
  if (inflated.length !== length) throw corrupt('it is not as long as it promises');
  return inflated;
}
