import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalId, canonicalKey, idFrom, KeySpace } from '../../../src/cache/keys.js';
import { fencesOf } from '../../../src/cache/store/shared-store.js';
import type { FieldMetadata, ModelMetadata } from '../../../src/database/index.js';
import { InvalidArgumentError } from '../../../src/errors.js';

const UUID = '01a1fbff-9f45-777a-a675-e37296b22460';

describe('the canonical form of an id', () => {
  test('is one for both cases in which PostgreSQL takes a uuid', () => {
    expect(canonicalId(UUID.toUpperCase(), 'uuid', 'User')).toBe(UUID);
  });

  test('keeps the case of text', () => {
    expect(canonicalId('AbC', 'text', 'User')).toBe('AbC');
  });

  test.each([
    ['uuid', 'nope'],
    ['uuid', ''],
    ['uuid', 5],
    ['uuid', undefined],
    ['uuid', null],
    ['uuid', { id: UUID }],
    ['text', ''],
    ['text', 'a\0b'],
    ['text', 'half a pair \ud800'],
    ['text', 1],
    ['integer', 1.5],
    ['integer', Number.NaN],
    ['integer', '1'],
    ['integer', 2 ** 60],
    ['bigint', 1],
  ] as const)('refuses for %s the value %p instead of missing silently', (type, value) => {
    expect(() => canonicalId(value, type, 'User')).toThrow(InvalidArgumentError);
  });

  test('gives back the id it stands for', () => {
    expect(idFrom(canonicalId(-5, 'integer', 'X'), 'integer')).toBe(-5);
    expect(idFrom(canonicalId(2n ** 62n, 'bigint', 'X'), 'bigint')).toBe(2n ** 62n);
    expect(idFrom(canonicalId('x', 'text', 'X'), 'text')).toBe('x');
  });

  test('is the same for both zeros, which PostgreSQL takes for one', () => {
    expect(canonicalId(-0, 'integer', 'X')).toBe(canonicalId(0, 'integer', 'X'));
  });
});

describe('the canonical form of a primary key', () => {
  const column = (type: string, nativeType: string | null = null): FieldMetadata => ({
    kind: 'scalar',
    column: 'c',
    type,
    isEnum: false,
    nativeType,
    precision: null,
    list: false,
    nullable: false,
  });
  const model = (id: readonly string[]): ModelMetadata => ({
    name: 'Seat',
    table: 'seats',
    schema: null,
    readOnly: false,
    shape: 'shape',
    id,
    uniques: [],
    compoundKeys: {},
    fields: {
      teamId: column('String', 'Uuid'),
      seat: column('Int'),
      label: column('String'),
      number: column('BigInt'),
      price: column('Decimal'),
    },
  });

  test('of one field is that of its value', () => {
    expect(canonicalKey(model(['teamId']), UUID.toUpperCase())).toBe(UUID);
    expect(canonicalKey(model(['label']), 'a,b %2C')).toBe('a,b %2C');
    expect(canonicalKey(model(['seat']), -0)).toBe('0');
  });

  test('of several is that of the parts, in the order of the key and not of the object', () => {
    const id = { seat: 3, label: 'x', teamId: UUID.toUpperCase(), more: 'of the row' };
    expect(canonicalKey(model(['teamId', 'seat', 'label']), id)).toBe(`${UUID},3,x`);
    expect(canonicalKey(model(['label', 'seat']), id)).toBe('x,3');
  });

  test('tells parts from one another, whatever they hold', () => {
    const two = model(['label', 'name']);
    const fields = { ...two.fields, name: column('String') };
    const key = (label: string, name: string) => canonicalKey({ ...two, fields }, { label, name });
    const text = fc.oneof(fc.constantFrom(',', '%', '%2C', 'a', 'a,', ',a'), fc.string({ minLength: 1 }));
    fc.assert(
      fc.property(text, text, text, text, (a, b, c, d) => {
        const [one, other] = [key(a, b), key(c, d)];
        if (one === null || other === null) return;
        expect(one === other).toBe(a === c && b === d);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each<[what: string, id: readonly string[], value: unknown]>([
    ['a part that is missing', ['teamId', 'seat'], { seat: 1 }],
    ['a part of another type', ['teamId', 'seat'], { teamId: UUID, seat: '1' }],
    ['a part that is no uuid', ['teamId', 'seat'], { teamId: 'x', seat: 1 }],
    ['a part of a type with several spellings', ['seat', 'price'], { seat: 1, price: 1 }],
    ['an empty part', ['seat', 'label'], { seat: 1, label: '' }],
    ['no object', ['seat', 'label'], '1,a'],
    ['null', ['seat', 'label'], null],
    ['an object for a key of one field', ['seat'], { seat: 1 }],
    ['a key of a field that is not there', ['nothing'], 1],
    ['no key', [], 1],
  ])('is none for %s', (_what, id, value) => {
    expect(canonicalKey(model(id), value)).toBeNull();
  });
});

const KINDS = [
  'entity',
  'alias',
  'query',
  'rows',
  'lists',
  'taggedChanges',
  'otherRules',
  'tag',
  'computed',
  'absence',
  'namespace',
  'registry',
  'identity',
] as const;

/** What a key is about; two of these that differ must have keys that differ. */
interface Subject {
  readonly prefix: string;
  readonly what: (typeof KINDS)[number];
  readonly schema: string | null;
  readonly table: string;
  readonly field: string;
  readonly id: string;
}

// Names as PostgreSQL takes them between quotes, with what keys are made of in them.
const MARKS = [
  '.',
  ':',
  '/',
  '@',
  '?',
  '{',
  '}',
  '%',
  '%2E',
  ':rows',
  ':fence',
  '}:fence',
  '}:rows',
  '}:all',
  ' ',
];
const piece = fc.oneof(fc.constantFrom(...MARKS), fc.constantFrom('a', 'b', 'users', 'é', '😀'));
const name = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(''));
const prefix = fc.array(fc.constantFrom('a', 'b', '.', ':', '-', '_', ':all', ':processes'), {
  minLength: 1,
  maxLength: 3,
});

const subject: fc.Arbitrary<Subject> = fc.record({
  prefix: prefix.map((pieces) => pieces.join('')),
  what: fc.constantFrom(...KINDS),
  schema: fc.option(name),
  table: name,
  field: name,
  id: fc.oneof(
    name,
    fc.string({ minLength: 1, unit: 'binary' }).filter((id) => id.isWellFormed()),
  ),
});

/** Every subject whose names are among these, which are one another's beginnings and ends. */
function* everySubject(): Generator<Subject> {
  for (const space of ['a', 'a:all'])
    for (const what of KINDS)
      for (const schema of [null, 'a', 'a.a', 'a/a'])
        for (const table of ['a', 'a.a', 'a:a', 'a@a', 'a?findMany', 'a/a', 'a}:rows'])
          for (const field of ['a', 'a:a', 'a@a'])
            for (const id of ['a', 'a:a', 'a}', 'a}:fence', 'a}:rows', 'a:fence'])
              yield { prefix: space, what, schema, table, field, id };
}

/** All keys that stand in Redis for a subject, with what each is for. */
function keysOf(about: Subject): Map<string, string> {
  const space = new KeySpace(about.prefix);
  const entry = (key: string) =>
    new Map([
      [key, 'entry'],
      [fencesOf(key), 'fences'],
    ]);
  const guard = ({ version, fences }: { version: string; fences: string }) =>
    new Map([
      [version, 'version'],
      [fences, 'fences'],
    ]);
  switch (about.what) {
    case 'entity':
      return entry(space.entity(about, about.id));
    case 'alias':
      return entry(space.alias(about, about.field, about.id));
    case 'query':
      return entry(space.query(about, 'findMany', about.id));
    case 'tag':
      return guard(space.tag(about.id));
    case 'computed':
      return entry(space.value(about.id));
    case 'otherRules':
      return guard(space.otherRules(about, 'rule---1'));
    case 'rows':
    case 'lists':
    case 'taggedChanges':
    case 'absence':
      return guard(space[about.what](about));
    case 'namespace':
      return guard(space.namespace);
    case 'registry':
    case 'identity':
      return new Map([[space[about.what], about.what]]);
  }
}

/** What of a subject its keys are made of. */
function essence({ prefix: space, what, schema, table, field, id }: Subject): string {
  if (what === 'namespace' || what === 'registry' || what === 'identity')
    return JSON.stringify([space, what]);
  if (what === 'tag' || what === 'computed') return JSON.stringify([space, what, id]);
  const model = [space, what, schema, table];
  if (what === 'entity' || what === 'query') return JSON.stringify([...model, id]);
  return JSON.stringify(what === 'alias' ? [...model, field, id] : model);
}

describe('the keys of a key space', () => {
  test('of different subjects have nothing in common, whatever characters their names hold', () => {
    fc.assert(
      fc.property(subject, subject, (one, other) => {
        const same = essence(one) === essence(other);
        const [first, second] = [keysOf(one), keysOf(other)];
        const common = [...first.keys()].filter((key) => second.has(key));
        expect(common.length > 0).toBe(same);
      }),
      { numRuns: 5_000 },
    );
  });

  test('of subjects made of few pieces have nothing in common either: all of them are compared', () => {
    const owners = new Map<string, string>();
    const shared: string[] = [];
    for (const about of everySubject()) {
      const owner = essence(about);
      for (const key of keysOf(about).keys()) {
        const other = owners.get(key) ?? owner;
        if (other !== owner) shared.push(`${key} is of ${other} and of ${owner}`);
        owners.set(key, other);
      }
    }
    expect(owners.size).toBeGreaterThan(1_000);
    expect(shared.slice(0, 5)).toEqual([]);
  });

  test('are short, however long a tag or the name of a computed value is, and as they are where they can be', () => {
    const space = new KeySpace('app');
    expect(space.tag('team:42').version).toBe('{app//team:42}:tag');
    expect(space.value('dashboard').length).toBeLessThan(30);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 10_000 }), (text) => {
        const names = [space.tag(text).version, space.tag(text).fences, space.value(text)];
        for (const key of names) expect(Buffer.byteLength(key)).toBeLessThan(150);
      }),
    );
  });

  test('of different tags differ, also where UTF-8 would make them one, or one looks like the hash of another', () => {
    const space = new KeySpace('app');
    const long = 'x'.repeat(5_000);
    const [, hash = ''] = /\/\/(.*)\}/.exec(space.tag(long).version) ?? [];
    expect(hash.startsWith('#')).toBe(true);
    const tags = [
      '\ud800',
      '\ud801',
      '\ufffd',
      '',
      ' ',
      long,
      `${long}x`,
      hash,
      'a',
      'A',
      'a:fence',
      'a}:tag',
      '//a',
    ];
    const all = tags.flatMap((tag) => [space.tag(tag).version, space.tag(tag).fences, space.value(tag)]);
    expect(new Set(all).size).toBe(3 * tags.length);
  });

  test('hold no bar in what a guard is called, since announcements put one after it', () => {
    const named = { schema: 'a|b', table: '|' };
    const space = new KeySpace('app');
    const guards = [space.tag('|'), space.tag(' |'), space.rows(named), space.otherRules(named, 'rule---1')];
    for (const { version } of guards) expect(version).not.toContain('|');
  });

  test('tell a schema and its table from a table whose name holds a dot', () => {
    const space = new KeySpace('app');
    const names = [
      { schema: null, table: 'a.b.c' },
      { schema: 'a', table: 'b.c' },
      { schema: 'a.b', table: 'c' },
    ].map((model) => space.entity(model, '1'));
    expect(new Set(names).size).toBe(3);
  });

  test('tell an entry from its fences and from the guards, where an id looks like one', () => {
    const space = new KeySpace('app');
    const users = { schema: null, table: 'users' };
    const guards = [
      ...[space.namespace, space.rows(users), space.lists(users), space.absence(users)],
      ...[space.taggedChanges(users), space.otherRules(users, 'rule---1'), space.tag('1')],
    ];
    const taken = new Set(guards.flatMap(({ version, fences }) => [version, fences]));
    for (const id of ['}:rows', '}:rows:fence', '1}:fence', 'x:fence', ':rows', '{app}:all']) {
      expect(taken.has(space.entity(users, id))).toBe(false);
      expect(taken.has(fencesOf(space.entity(users, id)))).toBe(false);
    }
    expect(space.entity(users, '1}:fence')).not.toBe(fencesOf(space.entity(users, '1')));
  });

  test('put an entry and its fences into one hash slot, as a cluster needs it, and a guard with its own', () => {
    const tag = (key: string): string | undefined => /\{(.*?)\}/.exec(key)?.[1];
    fc.assert(
      fc.property(subject, (about) => {
        const tags = new Set([...keysOf(about).keys()].map(tag));
        expect(tags.size).toBe(1);
        expect([...tags][0]).not.toBe('');
      }),
    );
  });

  test('hold nothing of the shape of the schema, so that two versions of a service invalidate the same', () => {
    const [first, second] = [new KeySpace('app'), new KeySpace('app')];
    const users = { schema: 'public', table: 'users' };
    expect(second.entity(users, '1')).toBe(first.entity(users, '1'));
    expect(second.rows(users)).toEqual(first.rows(users));
  });
});

describe('the channels of a key space', () => {
  test('are one for all announcements, and one for each process', () => {
    const [space, other] = [new KeySpace('app'), new KeySpace('app2')];
    const channels = [space.channel, space.acknowledgements('p'), space.acknowledgements('q'), other.channel];
    expect(new Set(channels).size).toBe(4);
  });
});
