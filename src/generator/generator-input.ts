import type { Dmmf } from './dmmf.js';

/** The part that is read here of what `prisma generate` gives to a generator. */
export interface GeneratorInput {
  readonly generator: GeneratorBlock;
  /** The other `generator` blocks that run in the same call. */
  readonly otherGenerators: readonly GeneratorBlock[];
  /** A file or a folder. */
  readonly schemaPath: string;
  readonly dmmf: Dmmf;
  readonly datasources: readonly { readonly activeProvider: string }[];
}

/** A `generator` block of a schema. */
export interface GeneratorBlock {
  readonly name: string;
  readonly provider: { readonly value: string | null };
  /** An absolute path, for Prisma resolves it. */
  readonly output: { readonly value: string | null } | null;
  /** Whether the block itself names the output. */
  readonly isCustomOutput?: boolean | undefined;
  readonly config: Readonly<Record<string, string | string[] | undefined>>;
  /** The file that it stands in. */
  readonly sourceFilePath: string;
}
