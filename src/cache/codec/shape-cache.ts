import { ByteSource, corrupt } from './byte-source.js';
import { objectCost } from './cost.js';
import { SHORT_OBJECT, SHORT_TEXT, TEXT, TEXT_LATIN1, TEXT_UTF16 } from './layout.js';

const SLOTS = 1_024;
// Keys of more bytes are read anew each time; so the whole takes some megabytes at most, whatever the entries hold.
const KEPT_BYTES = 1_024;

/** The keys of objects, as they were read. */
export interface KnownShape {
  readonly keys: readonly string[];
  /** See `objectCost`. */
  readonly cost: number;
  /** Whether a key is `__proto__`, which an assignment would take for the object's prototype. */
  readonly hasProto: boolean;
}

interface Slot {
  readonly bytes: Uint8Array;
  readonly shape: KnownShape;
}

/** Shapes by the bytes that they were read from, since reading the keys would cost as much as reading the values. */
export class ShapeCache {
  readonly #source = new ByteSource();
  readonly #slots: (Slot | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);

  /**
   * The shape in these bytes of an entry.
   *
   * @throws CodecError when they are not so many different keys
   */
  of(entry: Uint8Array, start: number, end: number, count: number): KnownShape {
    const index = slotOf(entry, start, end);
    const slot = this.#slots[index];
    if (slot !== undefined && slot.shape.keys.length === count && isAt(slot.bytes, entry, start, end)) {
      return slot.shape;
    }
    const bytes = new Uint8Array(entry.subarray(start, end));
    const shape = this.#read(bytes, count);
    if (bytes.length <= KEPT_BYTES) this.#slots[index] = { bytes, shape };
    return shape;
  }

  #read(bytes: Uint8Array, count: number): KnownShape {
    if (count > bytes.length) throw corrupt('keys are missing');
    const keys = new Array<string>(count);
    this.#source.open(bytes);
    try {
      for (let index = 0; index < count; index += 1) keys[index] = readKey(this.#source);
      if (this.#source.remaining > 0 || new Set(keys).size < count) throw corrupt('keys are left over');
    } finally {
      this.#source.close();
    }
    return { keys, cost: objectCost(keys), hasProto: keys.includes('__proto__') };
  }
}

function readKey(source: ByteSource): string {
  const tag = source.byte();
  if (tag >= SHORT_TEXT && tag < SHORT_OBJECT) return source.latin1(tag - SHORT_TEXT);
  if (tag === TEXT) return source.text(source.varint(), 'utf8');
  if (tag === TEXT_LATIN1) return source.text(source.varint(), 'latin1');
  if (tag === TEXT_UTF16) return source.text(source.varint(), 'utf16le');
  throw corrupt('a key is no text');
}

function slotOf(entry: Uint8Array, start: number, end: number): number {
  // A dozen bytes from all over tell models apart; all bytes decide whether the shape is the right one.
  const step = ((end - start) >> 4) + 1;
  let hash = end - start;
  for (let at = start + 1; at < end; at += step) hash = (Math.imul(hash, 31) + (entry[at] ?? 0)) | 0;
  return hash & (SLOTS - 1);
}

function isAt(bytes: Uint8Array, entry: Uint8Array, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false;
  for (let at = start; at < end; at += 1) if (bytes[at - start] !== entry[at]) return false;
  return true;
}
