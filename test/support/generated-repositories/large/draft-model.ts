/** A column of a key, as others that point to it must declare theirs. */
export interface KeyColumn {
  readonly name: string;
  readonly type: string;
  /** Such as `@db.Uuid`, or ''. */
  readonly native: string;
}

/** A primary key, or what stands in for one. */
export interface Key {
  readonly columns: readonly KeyColumn[];
  /** Behind the type of its only column. */
  readonly attributes: string;
  /** The line that makes a key of several columns. */
  readonly block: string;
}

const column = (name: string, type: string, native = ''): KeyColumn => ({ name, type, native });
const single = (name: string, type: string, attributes: string, native = ''): Key => ({
  columns: [column(name, type, native)],
  attributes,
  block: '',
});

/** Every kind of key that a table may have, by what it is called here. */
export const KEYS = {
  serial: single('id', 'Int', '@id @default(autoincrement())'),
  bigSerial: single('id', 'BigInt', '@id @default(autoincrement())'),
  given: single('number', 'Int', '@id'),
  uuid: single('id', 'String', '@id @default(uuid(7))', '@db.Uuid'),
  cuid: single('id', 'String', '@id @default(cuid())'),
  natural: single('code', 'String', '@id', '@db.VarChar(40)'),
  kind: single('size', 'Size', '@id'),
  unique: single('code', 'String', '@unique'),
  pair: {
    columns: [column('left', 'Int'), column('right', 'String', '@db.VarChar(20)')],
    attributes: '',
    block: '@@id([left, right])',
  },
  place: {
    columns: [column('region', 'BigInt'), column('size', 'Size')],
    attributes: '',
    block: '@@id([region, size], name: "place")',
  },
  uniquePair: {
    columns: [column('year', 'Int', '@db.SmallInt'), column('serial', 'String', '@db.Uuid')],
    attributes: '',
    block: '@@unique([year, serial], name: "numbered")',
  },
} satisfies Readonly<Record<string, Key>>;

/** A model that is being written: others add the ends of relations to it. */
export class DraftModel {
  readonly name: string;
  readonly key: Key;
  readonly #fields: string[] = [];
  readonly #blocks: string[] = [];
  readonly #comments: string[] = [];

  constructor(name: string, key: Key) {
    this.name = name;
    this.key = key;
    for (const { name: own, type, native } of key.columns) {
      this.field(`${own} ${type} ${key.attributes} ${native} @map("key ${own}")`);
    }
    if (key.block !== '') this.block(key.block);
  }

  /** Whether Prisma makes a join table for it. */
  get canBeJoined(): boolean {
    return this.key.columns.length === 1 && this.key.attributes.includes('@id');
  }

  field(line: string): this {
    this.#fields.push(`  ${line.replaceAll(/ +/g, ' ').trimEnd()}`);
    return this;
  }

  block(line: string): this {
    this.#blocks.push(`  ${line}`);
    return this;
  }

  comment(text: string): this {
    this.#comments.push(`/// ${text}`);
    return this;
  }

  get text(): string {
    const lines = [...this.#comments, `model ${this.name} {`, ...this.#fields, '', ...this.#blocks, '}'];
    return `${lines.join('\n')}\n`;
  }
}
