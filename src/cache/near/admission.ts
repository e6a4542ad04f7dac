const PLACES_PER_ENTRY = 4;
const MIN_PLACES = 1_024;
const MAX_PLACES = 1 << 22;

/** Keys of one model differ in their last characters: an id, and the brace behind it. */
const TELLING_CHARACTERS = 40;

/**
 * Who is let into a cache that is full: what was already asked for lately. A walk through many rows, each of which is read once,
 * then leaves in place what is read again and again, and need not pay for taking each of them in and another out.
 *
 * The first half of what TinyLFU does (https://arxiv.org/abs/1512.00727, the "doorkeeper"); it remembers a mark of each key, in a place
 * that the next key with the same place takes over.
 */
export class Admission {
  readonly #marks: Int32Array;

  /** @param maxEntries of the cache */
  constructor(maxEntries: number) {
    const wanted = Math.min(Math.max(maxEntries * PLACES_PER_ENTRY, MIN_PLACES), MAX_PLACES);
    this.#marks = new Int32Array(2 ** Math.ceil(Math.log2(wanted)));
  }

  /** Whether the key was asked for lately; from now on it was. */
  wasAsked(key: string): boolean {
    const mark = markOf(key);
    // Its low bits name the place, so all that may stand there differ in the others.
    const place = mark & (this.#marks.length - 1);
    if (this.#marks[place] === mark) return true;
    this.#marks[place] = mark;
    return false;
  }
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/, with its bits mixed once more: those of short ids differ little. */
function markOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = Math.max(0, key.length - TELLING_CHARACTERS); at < key.length; at += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash ^= hash >>> 13;
  // An empty place has none.
  return hash === 0 ? 1 : hash;
}
