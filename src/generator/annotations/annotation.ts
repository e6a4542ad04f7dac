import type { SchemaPlace } from '../errors.js';
import type { CommentOwner } from '../schema-text/scan-schema.js';

/** `@holdfast.name(args)` in a documentation comment of the schema. */
export interface Annotation {
  readonly name: string;
  readonly args: readonly AnnotationArgument[];
  /** As it is written. */
  readonly text: string;
  readonly place: SchemaPlace;
  readonly owner: CommentOwner;
}

/** A string in double quotes, a number, or a bare word such as a field's name. */
export interface AnnotationArgument {
  readonly kind: 'string' | 'number' | 'word';
  readonly value: string;
}
