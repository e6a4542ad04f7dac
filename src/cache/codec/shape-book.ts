import { Buffer } from 'node:buffer';
import { ByteSink } from './byte-sink.js';
import { objectCost } from './cost.js';
import { NEW_OBJECT } from './layout.js';

// Of shapes that begin with the same key, the last few are looked through. More would make packing a document of
// thousands of such shapes quadratic.
const SHAPES_PER_FIRST_KEY = 8;

// The shapes of some thousand models and selections. Documents with ever new keys empty the book now and then.
const KEPT_BYTES = 512 * 1024;

/** The keys of objects, as they are packed. */
export interface Shape {
  readonly keys: readonly string[];
  /** What stands before the values of the first such object. */
  readonly head: Uint8Array;
  /** See `objectCost`. */
  readonly cost: number;
  /** The packing in which the shape was last given a number, and the number. */
  packing: number;
  number: number;
}

/** The shapes that were packed lately, so that a row's keys need not be packed anew each time. */
export class ShapeBook {
  readonly #sink = new ByteSink();
  readonly #shapes = new Map<string, Shape[]>();
  #bytes = 0;

  of(keys: readonly string[]): Shape {
    const first = keys[0] ?? '';
    const shapes = this.#shapes.get(first);
    if (shapes !== undefined) {
      for (const shape of shapes) if (areEqual(shape.keys, keys)) return shape;
    }
    return this.#add(first, { keys, head: this.#pack(keys), cost: objectCost(keys), packing: 0, number: 0 });
  }

  #add(first: string, shape: Shape): Shape {
    this.#bytes += shape.head.length;
    if (this.#bytes > KEPT_BYTES) {
      this.#shapes.clear();
      this.#bytes = shape.head.length;
    }
    const shapes = this.#shapes.get(first);
    if (shapes === undefined) this.#shapes.set(first, [shape]);
    else {
      if (shapes.length === SHAPES_PER_FIRST_KEY) this.#bytes -= shapes.shift()?.head.length ?? 0;
      shapes.push(shape);
    }
    return shape;
  }

  #pack(keys: readonly string[]): Uint8Array {
    const sink = this.#sink;
    sink.start(0);
    for (const key of keys) sink.text(key);
    const texts = Buffer.from(sink.written());
    sink.start(0);
    sink.byte(NEW_OBJECT);
    sink.varint(keys.length);
    sink.varint(texts.length);
    sink.block(texts);
    return new Uint8Array(sink.written());
  }
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}
