import { HoldfastError } from '../errors.js';

/** Where something stands in the Prisma schema. Lines and columns count from 1. */
export interface SchemaPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing in the Prisma schema that is wrong, and what is expected instead. */
export interface SchemaProblem extends SchemaPlace {
  readonly message: string;
}

/** The generator cannot write what it is asked to: there is no client, or its folder is somebody else's. */
export class GeneratorError extends HoldfastError {
  readonly code = 'GENERATOR_FAILED';
}

/** Annotations or names in the Prisma schema cannot be used. Lists all of them at once, each with its file and line. */
export class SchemaNotUsableError extends HoldfastError {
  readonly code = 'SCHEMA_NOT_USABLE';
  readonly problems: readonly SchemaProblem[];

  constructor(given: readonly SchemaProblem[]) {
    const problems = [...given].sort(byPlace);
    const lines = problems.map(({ file, line, column, message }) => `  ${file}:${line}:${column} ${message}`);
    super(
      `holdfast cannot use the Prisma schema:\n${lines.join('\n')}\nSee docs/generator.md for every annotation.`,
      { context: { problems } },
    );
    this.problems = Object.freeze(problems);
  }
}

function byPlace(a: SchemaPlace, b: SchemaPlace): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
