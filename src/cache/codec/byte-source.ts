import { Buffer } from 'node:buffer';
import { CodecError } from '../../errors.js';

const NOTHING: Buffer = Buffer.alloc(0);

// V8 copies the characters of so short a slice, and lets a longer one hold on to the whole text that it is of.
const COPIED_SLICE_CHARACTERS = 12;
/** Short texts mostly lie close together, but before or behind a long one. */
const WINDOW_BYTES = 4_096;

/** Bytes that are read from front to end, and never beyond it. */
export class ByteSource {
  #bytes = NOTHING;
  #at = 0;
  #characters: string | null = null;
  #windowAt = 0;
  #view: DataView | null = null;

  /** @param from where to begin */
  open(bytes: Uint8Array, from = 0): void {
    this.#bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = from;
    this.#characters = null;
    this.#view = null;
  }

  /** Lets go of the bytes. */
  close(): void {
    this.#bytes = NOTHING;
    this.#characters = null;
    this.#view = null;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw corrupt('it ends too early');
    this.#at += 1;
    return byte;
  }

  int8(): number {
    return (this.byte() << 24) >> 24;
  }

  int16(): number {
    return (this.int8() << 8) | this.byte();
  }

  int32(): number {
    return (this.int16() << 16) | (this.byte() << 8) | this.byte();
  }

  int48(): number {
    return this.int16() * 0x1_0000_0000 + (this.int32() >>> 0);
  }

  int64(): bigint {
    const at = this.skip(8);
    return this.#viewed().getBigInt64(at);
  }

  float64(): number {
    const at = this.skip(8);
    return this.#viewed().getFloat64(at);
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const highest = this.byte();
    if (highest > 0x0f) throw corrupt('a length has more than 32 bits');
    return value + highest * 0x1000_0000;
  }

  /** Passes over so many bytes, and returns where they begin. */
  skip(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw corrupt('it ends too early');
    this.#at = at + length;
    return at;
  }

  /** A view of so many bytes. */
  block(length: number): Uint8Array {
    const at = this.skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(length: number, encoding: 'utf8' | 'latin1' | 'utf16le' | 'hex'): string {
    const at = this.skip(length);
    return this.#bytes.toString(encoding, at, at + length);
  }

  latin1(length: number): string {
    const at = this.skip(length);
    if (length > COPIED_SLICE_CHARACTERS) return this.#bytes.toString('latin1', at, at + length);
    // One conversion of many bytes and a slice per short text costs a fifth of a conversion per text.
    if (this.#characters === null || at + length > this.#windowAt + this.#characters.length) {
      this.#windowAt = at;
      this.#characters = this.#bytes.toString('latin1', at, at + WINDOW_BYTES);
    }
    return this.#characters.slice(at - this.#windowAt, at - this.#windowAt + length);
  }

  #viewed(): DataView {
    const bytes = this.#bytes;
    this.#view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#view;
  }
}

export function corrupt(what: string, cause?: unknown): CodecError {
  return new CodecError(`The entry cannot be decoded: ${what}.`, { context: { reason: 'corrupt' }, cause });
}
