import { LRUCache } from 'lru-cache';
import { type StatementShape, statementShape } from './statement-shape.js';

// An application has some hundred texts; one that writes values into its SQL has endless ones, and must not fill memory.
const MAX_TEXTS = 1_000;
const MAX_CHARACTERS = 4_000_000;

/** The shapes of the statements seen lately, so that a text is taken apart once. */
export class StatementShapes {
  readonly #shapes = new LRUCache<string, StatementShape>({
    max: MAX_TEXTS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_shape, text) => text.length + 1,
  });

  of(text: string): StatementShape {
    const known = this.#shapes.get(text);
    if (known !== undefined) return known;
    const shape = statementShape(text);
    this.#shapes.set(text, shape);
    return shape;
  }
}
