import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SchemaProblem } from '../../../src/generator/errors.js';
import { type ParsedSchema, parseSchema, problemsOf } from '../../support/generator/generate-from.js';

/**
 * What is wrong stands between `<` and `>`, with a number by which the expectations speak of it; the test takes these
 * signs away and remembers the places.
 */
const MARKED = `
datasource db {
  provider = "postgresql"
}

/// <1@holdfast.ttl(1)>
enum Kind {
  a /// <2@holdfast.lookup>
}

/// <3@holdfast.ttl(1)>

/// <4@holdfast.ttl> <5@holdfast.ttl()> <6@holdfast.ttl("600")> <7@holdfast.ttl(1.5)> <8@holdfast.ttl(0)> <9@holdfast.ttl(31536001)>
/// <10@holdfast.ttl(1, 2)> <11@holdfast.ttl> (600)
/// Right: @holdfast.ttl(600). Then <12@holdfast.ttl(600)> again, and <13@holdfast.uncached> against it.
/// <14@holdfast.tll(600)> <15@holdfast.zebra> <16@holdfast.> <17@Holdfast.ttl(1)> <18@holdfast.ttl.x> <19@holdfast.Ttl(1)>
/// <20@holdfast.ttl(600> <21@holdfast.tag("a)> <22@holdfast.tag('x:{id}')>
model Thing {
  /// <23@holdfast.lookup> <24@holdfast.ttl(5)>
  id        Int       @id
  name      String    /// <25@holdfast.lookup>
  email     String    @unique /// <26@holdfast.lookup(email)> @holdfast.lookup <27@holdfast.lookup>
  optional  String?   /// <28@holdfast.scope>
  price     Decimal   /// <29@holdfast.scope>
  list      String[]  /// <30@holdfast.scope>
  padded    String    @db.Char(3) /// <31@holdfast.scope>
  tenant    String    /// @holdfast.scope <32@holdfast.scope(tenant)>
  other     Int       /// <33@holdfast.scope>
  goneAt    DateTime  /// <34@holdfast.softDelete>
  goneText  String?   /// <35@holdfast.softDelete>
  revision  Int?      /// <36@holdfast.version>
  big       BigInt    /// <37@holdfast.version>
  hidden    String?   @ignore /// <38@holdfast.lookup>
  thing     Thing?    @relation("T", fields: [thingId], references: [id]) /// <39@holdfast.lookup>
  thingId   Int?
  things    Thing[]   @relation("T")
  a         Int       // <40@holdfast.lookup>
  b         Int       /* <41@holdfast.lookup> */
  json      Json
  text      String    @default("@holdfast.nothing // @holdfast.nothing") /// ada@holdfast.dev writes @holdfast/core

  /// <42@holdfast.lookup>
  @@unique([a, b])
  @@index([name])
  /// <43@holdfast.lookup>
}

/* the first line
  <44@holdfast.ttl(1)> */
/// <45@holdfast.tag> <46@holdfast.tag(5)> <47@holdfast.tag("all")> <48@holdfast.tag("x:{nmae}")> <49@holdfast.tag("x:{price}")> <50@holdfast.tag("x:{id")> <51@holdfast.tag("{id}}")>
/// @holdfast.tag("x:{id}") <52@holdfast.tag("x:{id}")>
/// <53@holdfast.maxPageSize(0)> <54@holdfast.maxPageSize("5")>
/// <55@holdfast.defaultOrder(name)> <56@holdfast.defaultOrder("")> <57@holdfast.defaultOrder("name up")> <58@holdfast.defaultOrder("nmae")> <59@holdfast.defaultOrder("name, name desc")> <60@holdfast.defaultOrder("json")>
/// <61@holdfast.lookup> <62@holdfast.lookup("a", "b")> <63@holdfast.lookup(a, c)> <64@holdfast.lookup(a, name)> <65@holdfast.lookup(a, b, name)> @holdfast.lookup(b, a) <66@holdfast.lookup(a, b)>
/// <67@holdfast.lookup(id)> <68@holdfast.scope> <69@holdfast.uncached(all)> <70@holdfast.uncached(entities, queries)>
model Second {
  id    Int     @id
  name  String
  price Decimal
  json  Json
  a     Int
  b     Int

  @@unique([a, b])
}

/// <71@holdfast.ttl(5)> <72@holdfast.uncached> <73@holdfast.tag("x:{id}")>
view Shown {
  id       Int @unique
  revision Int /// <74@holdfast.version>
}

/// @holdfast.nonsense is not read where @@ignore hides the model.
model Unseen {
  id Int @id

  @@ignore
}

model TakenNames {
  id     Int @id
  ids    Int @unique /// @holdfast.lookup
  a_b    Int @unique /// @holdfast.lookup
  aB     Int @unique /// @holdfast.lookup
}

model taken_names {
  id Int @id
}

model takenNames {
  id Int @id
}
`;

const USAGE = (name: string) => new RegExp(`It is written .*@holdfast\\.${name}`);

const EXPECTED: Readonly<Record<number, RegExp>> = {
  1: /only models, views and their fields have annotations, and Kind is a enum block/,
  2: /only models, views/,
  3: /belongs to nothing. Write it directly above/,
  4: USAGE('ttl'),
  5: /expected a whole number of seconds, 1 to 31536000/,
  6: USAGE('ttl'),
  7: USAGE('ttl'),
  8: USAGE('ttl'),
  9: USAGE('ttl'),
  10: USAGE('ttl'),
  11: /none before its arguments/,
  12: /stands here already/,
  13: /has a lifetime in the cache, by @holdfast.ttl/,
  14: /no such annotation. Did you mean @holdfast.ttl\? It is written @holdfast.ttl\(600\)/,
  15: /no such annotation. There are: ttl, uncached, tag, maxPageSize, defaultOrder, lookup, scope, softDelete, version/,
  16: /expected a name/,
  17: /in lower case/,
  18: /expected a space after it/,
  19: /Did you mean @holdfast.ttl/,
  20: /expected "\)" after its arguments/,
  21: /expected a number, a field, or a string/,
  22: /string in double quotes/,
  23: /id is the primary key, which findById finds by/,
  24: /belongs on the model, above "model Thing"/,
  25: /name is not unique by itself. Add @unique/,
  26: /expected no arguments on a field/,
  27: /has this look-up already/,
  28: /expected a field of the type String .* which is required/,
  29: /expected a field of the type/,
  30: /expected a field of the type/,
  31: /expected a field of the type/,
  32: /stands here already/,
  33: /Thing has it on the field tenant already/,
  34: /expected a field of the type DateTime\?/,
  35: /DateTime\?/,
  36: /Int, which is required/,
  37: /Int, which is required/,
  38: /hidden is hidden from Prisma's client/,
  39: /thing is a relation; it belongs on a column/,
  40: /write it in a documentation comment, "\/\/\/". To disable an annotation, take away its "@"/,
  41: /write it in a documentation comment/,
  42: /belongs to nothing/,
  43: /belongs to nothing/,
  44: /write it in a documentation comment/,
  45: USAGE('tag'),
  46: /one string in double quotes/,
  47: /names no field/,
  48: /Second has no column "nmae". Did you mean "name"\?/,
  49: /price cannot be part of a tag: expected String/,
  50: /names no field|braces do not match/,
  51: /braces do not match/,
  52: /has this tag already/,
  53: /1 to 1000000/,
  54: USAGE('maxPageSize'),
  55: /one string in double quotes/,
  56: /expected a column/,
  57: /not "name up"/,
  58: /Did you mean "name"/,
  59: /names name twice/,
  60: /cannot be ordered by json, a Json/,
  61: /on a model, expected the fields of a unique key/,
  62: /without quotes/,
  63: /no column "c"/,
  64: /Second has no @@unique\(\[a, name\]\)/,
  65: /Second has no @@unique/,
  66: /has this look-up already/,
  67: /primary key/,
  68: /belongs on a field/,
  69: /expected no argument, or entities, or queries/,
  70: /expected no argument, or entities, or queries/,
  71: /a view is never cached or written/,
  72: /a view is never/,
  73: /a view is never/,
  74: /a view is never/,
};

interface Mark {
  readonly line: number;
  readonly column: number;
}

/** The schema without the signs, and where each of them was. */
function unmark(marked: string): { readonly text: string; readonly marks: ReadonlyMap<number, Mark> } {
  const marks = new Map<number, Mark>();
  const lines = marked.split('\n').map((content, index) => {
    let line = content;
    for (let match = /<(\d+)(@[^>]*)>/.exec(line); match !== null; match = /<(\d+)(@[^>]*)>/.exec(line)) {
      marks.set(Number(match[1]), { line: index + 1, column: match.index + 1 });
      line = line.replace(match[0], match[2] ?? '');
    }
    return line;
  });
  return { text: lines.join('\n'), marks };
}

const { text, marks } = unmark(MARKED);

let schema: ParsedSchema;
let problems: readonly SchemaProblem[];

beforeAll(async () => {
  schema = await parseSchema(text);
  problems = problemsOf(schema.input);
});

afterAll(() => schema?.remove());

describe('an annotation that is wrong', () => {
  test('is expected by this test at each of its places', () => {
    expect([...marks.keys()].sort((a, b) => a - b)).toEqual(Object.keys(EXPECTED).map(Number));
  });

  test.each([...marks.keys()])('number %i is reported with its place and what is expected', (number) => {
    const mark = marks.get(number);
    const found = problems.filter(({ line, column }) => line === mark?.line && column === mark.column);
    expect(found.map(({ message }) => message)).toEqual([expect.stringMatching(EXPECTED[number] ?? /^$/)]);
  });

  test('is reported with all others at once, and nothing else is', () => {
    const places = new Set([...marks.values()].map(({ line, column }) => `${line}:${column}`));
    const others = problems.filter(({ line, column }) => !places.has(`${line}:${column}`));
    expect(others.map(({ message }) => message.split(' ')[0])).toEqual([
      'TakenNames:',
      'TakenNames:',
      'taken_names:',
      'takenNames:',
    ]);
  });

  test('has nothing written', async () => {
    expect(await readdir(schema.output).catch(() => 'nothing')).toBe('nothing');
  });
});

describe('a name that cannot be used', () => {
  test('is that of a look-up which a repository has already', () => {
    expect(problems.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/TakenNames: @holdfast.lookup of ids would make a method findByIds/),
        expect.stringMatching(/TakenNames: @holdfast.lookup of aB would make a method findByAB/),
      ]),
    );
  });

  test('is that of a second model which the client or the factory would call the same', () => {
    expect(problems.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^taken_names: its repository would be TakenNamesRepository, as that of TakenNames/,
        ),
        expect.stringMatching(/^takenNames: Prisma's client calls it "takenNames", and TakenNames as well/),
      ]),
    );
  });
});
