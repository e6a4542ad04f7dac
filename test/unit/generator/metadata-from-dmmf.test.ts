import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ModelMetadata, SchemaMetadata } from '../../../src/database/index.js';
import type { Dmmf, DmmfEnum, DmmfField, DmmfModel } from '../../../src/generator/dmmf.js';
import { metadataFromDmmf } from '../../../src/generator/metadata-from-dmmf.js';
import { generateClient } from '../../support/prisma/generated-client.js';

const SCHEMA = `
datasource db {
  provider = "postgresql"
  schemas  = ["one", "two"]
}

enum Color {
  red  @map("r")
  blue

  @@schema("one")
}

model Part {
  maker  Int
  number String  @db.Char(3)
  colors Color[]
  boxId  Int?    @unique @map("box_id")
  price  Decimal @db.Decimal(10, 3)
  box    Box?    @relation(fields: [boxId], references: [id])
  uses   Use[]

  @@id([maker, number], name: "label")
  @@unique([maker, boxId])
  @@map("parts")
  @@schema("two")
}

model Box {
  id    Int     @id
  part  Part?
  marks Mark[]
  notes String? @ignore

  @@schema("one")
}

model Mark {
  id    Int   @id
  boxes Box[]
  uses  Use[]

  @@schema("two")
}

model Use {
  code       String @unique
  partMaker  Int
  partNumber String?
  markId     Int
  part       Part?  @relation(fields: [partMaker, partNumber], references: [maker, number], onUpdate: NoAction)
  mark       Mark   @relation(fields: [markId], references: [id])

  @@schema("two")
}

model Place {
  id Int                  @id
  at Unsupported("point")

  @@unique([id, at])
  @@schema("one")
}

model Times {
  id        Int      @id
  plain     DateTime
  digits    DateTime @db.Timestamptz(1)
  noDigits  DateTime @db.Timestamp
  clock     DateTime @db.Time
  day       DateTime @db.Date
  list      DateTime[] @db.Timetz(0)

  @@schema("one")
}

view Overview {
  id    Int    @unique
  total BigInt

  @@schema("one")
}
`;

let dmmf: Dmmf;
let metadata: SchemaMetadata;

beforeAll(async () => {
  const generated = await generateClient(SCHEMA, { client: false });
  await generated.remove();
  dmmf = generated.dmmf;
  metadata = metadataFromDmmf(dmmf);
});

function model(name: string): ModelMetadata {
  const found = metadata.models[name];
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

describe('a model', () => {
  test('has its table, its schema, its keys and the names of those of several fields', () => {
    expect(model('Part')).toMatchObject({
      table: 'parts',
      schema: 'two',
      readOnly: false,
      id: ['maker', 'number'],
      uniques: [['boxId'], ['maker', 'boxId']],
      compoundKeys: { label: ['maker', 'number'], maker_boxId: ['maker', 'boxId'] },
    });
  });

  test('without a primary key goes by its first unique key', () => {
    expect(model('Use')).toMatchObject({ id: ['code'], uniques: [] });
  });

  test('leaves out what the schema hides', () => {
    expect(Object.keys(model('Box').fields)).toEqual(['id', 'part', 'marks']);
  });

  test('has no key of which a column is of a type that Prisma does not know', () => {
    expect(model('Place')).toMatchObject({ uniques: [], compoundKeys: {} });
  });

  test('that is a view is read only', () => {
    expect(model('Overview')).toMatchObject({ readOnly: true, id: ['id'] });
  });

  test('that Prisma can change but not create is not', () => {
    expect(model('Place')).toMatchObject({ readOnly: false, id: ['id'] });
  });
});

describe('a field', () => {
  test('has its column and its type', () => {
    expect(model('Part').fields).toMatchObject({
      number: { kind: 'scalar', column: 'number', type: 'String', nativeType: 'Char', list: false },
      colors: { type: 'Color', isEnum: true, list: true },
      boxId: { column: 'box_id', nullable: true, nativeType: null },
    });
  });

  test('has the digits of a second that it can hold where it is a DateTime', () => {
    const { id, ...times } = model('Times').fields;
    const digits = Object.entries(times).map(([name, field]) => [
      name,
      'precision' in field && field.precision,
    ]);
    expect(Object.fromEntries(digits)).toEqual({
      plain: 3,
      digits: 1,
      noDigits: 6,
      clock: 6,
      day: 0,
      list: 0,
    });
    expect(id).toMatchObject({ precision: null });
  });

  test('that is a relation has its key and its actions on the side that holds the key', () => {
    expect(model('Use').fields['mark']).toMatchObject({
      fields: ['markId'],
      references: ['id'],
      onDelete: 'Restrict',
      onUpdate: 'Cascade',
    });
    expect(model('Mark').fields['uses']).toMatchObject({ fields: [], onDelete: null, onUpdate: null });
    expect(model('Part').fields['box']).toMatchObject({ onDelete: 'SetNull' });
  });

  test('that is a relation of which one column is required is refused by default, not emptied', () => {
    expect(model('Use').fields['part']).toMatchObject({ onDelete: 'Restrict', onUpdate: 'NoAction' });
  });

  test('of an implicit many-to-many relation has the join table, which lies where the first model does', () => {
    expect(model('Mark').fields['boxes']).toMatchObject({ joinTable: 'one._BoxToMark' });
    expect(model('Box').fields['marks']).toMatchObject({ joinTable: 'one._BoxToMark' });
  });
});

type Editable<T> = T extends object ? { -readonly [Key in keyof T]: Editable<T[Key]> } : T;

describe('the shape of a model', () => {
  /** The models that have another shape after something was done to the model Part, or to the enum. */
  function changed(edit: (part: Editable<DmmfModel>, color: Editable<DmmfEnum>) => void): readonly string[] {
    const edited = structuredClone(dmmf) as Editable<Dmmf>;
    const part = edited.datamodel.models.find(({ name }) => name === 'Part');
    const [color] = edited.datamodel.enums;
    if (part === undefined || color === undefined) throw new Error('nothing to edit');
    edit(part, color);
    const { models } = metadataFromDmmf(edited);
    return Object.keys(metadata.models).filter(
      (name) => metadata.models[name]?.shape !== models[name]?.shape,
    );
  }

  function fieldOf(part: Editable<DmmfModel>, name: string): Editable<DmmfField> {
    const found = part.fields.find((field) => field.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  }

  test.each<[string, Parameters<typeof changed>[0]]>([
    ['a type', (part) => Object.assign(fieldOf(part, 'price'), { type: 'Float', nativeType: null })],
    [
      'an argument of a native type',
      (part) => Object.assign(fieldOf(part, 'price'), { nativeType: ['Decimal', ['9', '3']] }),
    ],
    ['a column', (part) => Object.assign(fieldOf(part, 'boxId'), { dbName: 'box' })],
    ['what may be null', (part) => Object.assign(fieldOf(part, 'price'), { isRequired: false })],
    ['what is a list', (part) => Object.assign(fieldOf(part, 'colors'), { isList: false })],
    [
      'a field that comes or goes',
      (part) => part.fields.splice(part.fields.indexOf(fieldOf(part, 'price')), 1),
    ],
    ['the table', (part) => Object.assign(part, { dbName: 'pieces' })],
    [
      'the primary key',
      (part) => Object.assign(part, { primaryKey: { name: null, fields: ['number', 'maker'] } }),
    ],
    ['a value of an enum', (_part, color) => Object.assign(color.values[0] ?? {}, { dbName: 'R' })],
  ])('changes with %s', (_what, edit) => {
    expect(changed(edit)).toEqual(['Part']);
  });

  test.each<[string, Parameters<typeof changed>[0]]>([
    ['the order of fields', (part) => part.fields.reverse()],
    ['the order of the values of an enum', (_part, color) => color.values.reverse()],
    ['relations', (part) => part.fields.splice(part.fields.indexOf(fieldOf(part, 'uses')), 1)],
    ['other unique keys', (part) => Object.assign(part, { uniqueIndexes: [] })],
  ])('does not change with %s', (_what, edit) => {
    expect(changed(edit)).toEqual([]);
  });
});

test('a referential action that is not known is refused, not guessed', () => {
  const edited = structuredClone(dmmf) as Editable<Dmmf>;
  for (const { fields } of edited.datamodel.models) {
    for (const field of fields) if (field.relationFromFields?.length) field.relationOnDelete = 'Shrug';
  }
  expect(() => metadataFromDmmf(edited)).toThrow(/no referential action "Shrug"/);
});
