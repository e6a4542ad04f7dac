/*
 * The part of Prisma's DMMF that is read here: what `prisma generate` gives to a generator as `dmmf`. Declared by shape,
 * so that the packages that also declare it (@prisma/dmmf, @prisma/generator-helper) need not be installed.
 */

export interface Dmmf {
  readonly datamodel: {
    readonly models: readonly DmmfModel[];
    readonly enums: readonly DmmfEnum[];
  };
  readonly mappings: {
    /** The operations that Prisma offers for each model, by their name in the query engine. */
    readonly modelOperations: readonly { readonly model: string; readonly deleteMany?: string | null }[];
  };
}

export interface DmmfModel {
  readonly name: string;
  readonly dbName: string | null;
  readonly schema?: string | null;
  /** The comments of three slashes above it, line by line. */
  readonly documentation?: string | null;
  readonly fields: readonly DmmfField[];
  readonly primaryKey: DmmfKey | null;
  readonly uniqueIndexes: readonly DmmfKey[];
}

export interface DmmfKey {
  /** The name that `@@id(name:)` or `@@unique(name:)` gives; null where Prisma joins the fields' names. */
  readonly name: string | null;
  readonly fields: readonly string[];
}

export interface DmmfField {
  readonly name: string;
  readonly kind: 'scalar' | 'enum' | 'object' | 'unsupported';
  readonly type: string;
  readonly dbName?: string | null;
  readonly isList: boolean;
  readonly isRequired: boolean;
  readonly isId: boolean;
  readonly isUnique: boolean;
  /** Such as `['Decimal', ['12', '4']]`. */
  readonly nativeType?: readonly [name: string, args: readonly string[]] | null;
  readonly relationName?: string | null;
  readonly relationFromFields?: readonly string[] | null;
  readonly relationToFields?: readonly string[] | null;
  readonly relationOnDelete?: string | null;
  readonly relationOnUpdate?: string | null;
}

export interface DmmfEnum {
  readonly name: string;
  readonly values: readonly { readonly name: string; readonly dbName: string | null }[];
}
