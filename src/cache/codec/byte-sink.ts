import { Buffer } from 'node:buffer';
import { SHORT_TEXT, SHORT_TEXT_LIMIT, TEXT, TEXT_LATIN1, TEXT_UTF16 } from './layout.js';

const INITIAL_BYTES = 16 * 1024;
// A buffer that one large value made grow is not kept for all the small ones that follow.
const KEPT_BYTES = 1024 * 1024;

// Up to this length, a loop over the characters is faster than a call of Buffer.
const LOOP_CHARACTERS = 20;
// Room for three bytes per character is taken up to this length; beyond it, counting the bytes first is cheaper.
const COUNTED_CHARACTERS = 16 * 1024;

/** Bytes that grow at their end. */
export class ByteSink {
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #view = viewOf(this.#bytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Begins anew with so many bytes that the caller fills. */
  start(length: number): void {
    if (this.#bytes.length > KEPT_BYTES) this.#resize(INITIAL_BYTES);
    this.#length = length;
  }

  /** What was put since `start`; valid until the next `start`. */
  written(from = 0): Buffer {
    return this.#bytes.subarray(from, this.#length);
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  int8(tag: number, value: number): void {
    const at = this.#tagged(tag, 1);
    this.#view.setInt8(at, value);
  }

  int16(tag: number, value: number): void {
    const at = this.#tagged(tag, 2);
    this.#view.setInt16(at, value);
  }

  int32(tag: number, value: number): void {
    const at = this.#tagged(tag, 4);
    this.#view.setInt32(at, value);
  }

  int48(tag: number, value: number): void {
    const at = this.#tagged(tag, 6);
    this.#view.setInt16(at, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(at + 2, value);
  }

  int64(tag: number, value: bigint): void {
    const at = this.#tagged(tag, 8);
    this.#view.setBigInt64(at, value);
  }

  float64(tag: number, value: number): void {
    const at = this.#tagged(tag, 8);
    this.#view.setFloat64(at, value);
  }

  varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) {
      this.#bytes[this.#length] = (rest & 0x7f) | 0x80;
      this.#length += 1;
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }

  block(block: Uint8Array): void {
    this.#reserve(block.length);
    this.#bytes.set(block, this.#length);
    this.#length += block.length;
  }

  ascii(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** Puts a text with its tag, and returns the length of what stands behind tag and length, in bytes. */
  text(text: string): number {
    const { length } = text;
    if (length > LOOP_CHARACTERS) return this.#longText(text);
    this.#reserve(1 + length);
    const bytes = this.#bytes;
    const start = this.#length + 1;
    for (let index = 0; index < length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 0xff) return this.#longText(text);
      bytes[start + index] = unit;
    }
    bytes[start - 1] = SHORT_TEXT + length;
    this.#length = start + length;
    return length;
  }

  #longText(text: string): number {
    const { length } = text;
    const isCounted = length > COUNTED_CHARACTERS;
    const most = isCounted ? Buffer.byteLength(text) : 3 * length;
    this.#reserve(6 + most);
    // Most text is ASCII, with as many bytes as characters. Of other text the bytes move a little when they are known.
    const isShort = length < SHORT_TEXT_LIMIT;
    const guessed = this.#length + (isShort ? 1 : 1 + varintLength(length));
    const isKnownAscii = isCounted && most === length;
    const written = this.#bytes.write(text, guessed, isKnownAscii ? 'latin1' : 'utf8');
    if (written === length) {
      if (isShort) this.#bytes[this.#length] = SHORT_TEXT + length;
      else {
        this.byte(TEXT_LATIN1);
        this.varint(length);
      }
      this.#length = guessed + length;
      return length;
    }
    if (!isWellFormed(text)) return this.#utf16(text);
    const real = this.#length + 1 + varintLength(written);
    if (real !== guessed) this.#bytes.copyWithin(real, guessed, guessed + written);
    this.byte(TEXT);
    this.varint(written);
    this.#length += written;
    return written;
  }

  #utf16(text: string): number {
    const length = 2 * text.length;
    this.byte(TEXT_UTF16);
    this.varint(length);
    this.#reserve(length);
    this.#length += this.#bytes.write(text, this.#length, 'utf16le');
    return length;
  }

  /** Puts a tag, and returns where the `length` bytes behind it go. It may take another buffer, so call it first. */
  #tagged(tag: number, length: number): number {
    this.#reserve(1 + length);
    const at = this.#length;
    this.#bytes[at] = tag;
    this.#length = at + 1 + length;
    return at + 1;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed > this.#bytes.length) this.#resize(Math.max(needed, 2 * this.#bytes.length));
  }

  #resize(length: number): void {
    const resized = Buffer.allocUnsafeSlow(length);
    this.#bytes.copy(resized, 0, 0, Math.min(this.#length, length));
    this.#bytes = resized;
    this.#view = viewOf(resized);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest >>>= 7) length += 1;
  return length;
}

/** Node 20 has this method of ES2024; the level of the language that this project compiles for does not declare it. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}
