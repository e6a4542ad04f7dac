/** The operations of a Prisma delegate that write. */
export type WriteOperation =
  | 'create'
  | 'createMany'
  | 'createManyAndReturn'
  | 'update'
  | 'updateMany'
  | 'updateManyAndReturn'
  | 'upsert'
  | 'delete'
  | 'deleteMany';

/** What a write may do to one model. */
export interface ModelEffect {
  readonly model: string;
  /** Existing rows that may change or go: none, or any, since their ids are not known. The own row is apart. */
  readonly rows: 'none' | 'any';
  /** A row may appear, or a unique field take a new value: a cached "there is none" no longer holds. */
  readonly appears: boolean;
}

/** What a write may touch. */
export interface WriteEffects {
  /** An update, upsert or delete by primary key: the row that its `where` names, and perhaps no other of its model. */
  readonly ownRow: boolean;
  /** Every model of which a row is created, changed, deleted, or joined to another or parted from it; each once. */
  readonly models: readonly ModelEffect[];
  /** Every table that is written, join tables included; `schema.table` where the metadata names a schema. */
  readonly tables: readonly string[];
}
