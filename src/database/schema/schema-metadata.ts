/**
 * What is known of a Prisma schema: its models by name. The generator writes it; `coarseMetadata` supposes the worst of
 * what a client does not tell. It never changes once made, since what follows from it is worked out only once.
 */
export interface SchemaMetadata {
  readonly models: Readonly<Record<string, ModelMetadata>>;
  /** The values of each enum; none where that is not known, as without the generator. */
  readonly enums?: Readonly<Record<string, readonly EnumValue[]>>;
}

/** A value of an enum. */
export interface EnumValue {
  readonly name: string;
  /** What it is called in the database. */
  readonly stored: string;
}

/** One model or view: where its rows lie, what makes one of them unique, and what each field is. */
export interface ModelMetadata {
  readonly name: string;
  /** The table's name in the database. */
  readonly table: string;
  /** The PostgreSQL schema that `@@schema` names; null where the connection's search path decides. */
  readonly schema: string | null;
  /** A view: Prisma cannot write it, and from which tables its rows come is not known. */
  readonly readOnly: boolean;
  /** A hash over all that decides what Prisma returns for the scalar fields of a row. */
  readonly shape: string;
  /**
   * The fields of the primary key, in its order. A table without one goes by its first unique key that holds no null;
   * empty where there is none, as in many views.
   */
  readonly id: readonly string[];
  /** The fields of each other unique key. */
  readonly uniques: readonly (readonly string[])[];
  /** The names by which a `where` speaks of keys of several fields, such as `teamId_seat`, and those fields. */
  readonly compoundKeys: Readonly<Record<string, readonly string[]>>;
  readonly fields: Readonly<Record<string, FieldMetadata>>;
}

/** A field of a model: a column, or a relation. */
export type FieldMetadata = ScalarField | RelationField;

/** A field that is a column. */
export interface ScalarField {
  readonly kind: 'scalar';
  readonly column: string;
  /** `String`, `Int`, `BigInt`, `Float`, `Decimal`, `Boolean`, `DateTime`, `Json`, `Bytes`, or the name of an enum. */
  readonly type: string;
  readonly isEnum: boolean;
  /** The name after `@db.`, such as `Uuid`; null where Prisma's default for the type stands. */
  readonly nativeType: string | null;
  /** How many digits of a second's fraction the column holds; null where it is no DateTime, or that is not known. */
  readonly precision: number | null;
  readonly list: boolean;
  readonly nullable: boolean;
}

/** A field that leads to other rows. Every relation has one on each side. */
export interface RelationField {
  readonly kind: 'relation';
  /** The relation's name, which the field on the other side bears too. */
  readonly name: string;
  /** The model that it leads to. */
  readonly model: string;
  readonly list: boolean;
  readonly nullable: boolean;
  /** The foreign key's fields where this side holds it, else none. Fields on both sides mean that it is not known. */
  readonly fields: readonly string[];
  /** The fields of the other model that the foreign key names, in the order of `fields`. */
  readonly references: readonly string[];
  /** What becomes of this side's rows when the row they name is deleted; null on the side without the foreign key. */
  readonly onDelete: ReferentialAction | null;
  /** What becomes of this side's rows when the key they name changes; null on the side without the foreign key. */
  readonly onUpdate: ReferentialAction | null;
  /** The table of an implicit many-to-many relation, with its schema and a point before it where that is known. */
  readonly joinTable: string | null;
}

/** What a foreign key has PostgreSQL do with the rows that hold it. */
export type ReferentialAction = 'Cascade' | 'Restrict' | 'NoAction' | 'SetNull' | 'SetDefault';
