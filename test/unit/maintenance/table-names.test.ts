import { describe, expect, test } from '@jest/globals';
import { Catalog, displayName, quotedName, type Relation } from '../../../src/maintenance/catalog.js';
import { resolveTables } from '../../../src/maintenance/table-names.js';

let oid = 0;

function table(schema: string, name: string, isVisible = schema === 'public'): Relation {
  oid += 1;
  return {
    oid,
    schema,
    name,
    kind: 'r',
    isTemporary: false,
    isSystem: false,
    isVisible,
    parentOid: null,
    hasIndexes: true,
    mayReindex: true,
    mayVacuum: true,
  };
}

const catalog = new Catalog([
  table('audit', 'events'),
  table('public', 'users'),
  table('public', 'Users'),
  table('public', 'a.b'),
  table('a', 'b'),
  table('public', 'say "hi"'),
  table('one', 'twice'),
  table('two', 'twice'),
]);

function resolved(...names: string[]): string[] {
  return resolveTables(names, catalog).map(displayName);
}

describe('a table name from outside', () => {
  test.each([
    ['users', 'public.users'],
    ['Users', 'public."Users"'],
    ['USERS', 'public.users'],
    ['"Users"', 'public."Users"'],
    ['public.users', 'public.users'],
    ['PUBLIC.USERS', 'public.users'],
    [' users ', 'public.users'],
    ['"public" . "users"', 'public.users'],
    ['events', 'audit.events'],
    ['say "hi"', 'public."say ""hi"""'],
    ['"say ""hi"""', 'public."say ""hi"""'],
    ['a.b', 'public."a.b"'],
    ['"a"."b"', 'a.b'],
  ])('written %s stands for %s', (name, expected) => {
    expect(resolved(name)).toEqual([expected]);
  });

  test('given twice, in different forms, stands for one table', () => {
    expect(resolved('users', 'public.users', 'USERS')).toEqual(['public.users']);
  });

  test.each([
    '"USERS"',
    'users.',
    '.users',
    'a.b.c',
    'users; DROP TABLE users',
    'nobody.users',
    '"users',
    "users'--",
  ])('such as %p is unknown', (name) => {
    expect(() => resolved(name)).toThrow(expect.objectContaining({ code: 'UNKNOWN_TABLE' }));
  });

  test('that is unknown brings the names of tables that are near', () => {
    expect(() => resolved('evnts')).toThrow('There is no table "evnts". Did you mean audit.events?');
  });

  test('that several schemas have, off the search path, is refused with all of them', () => {
    expect(() => resolved('twice')).toThrow(
      'The name "twice" may mean one.twice or two.twice: give its schema.',
    );
  });
});

test('a name for SQL is quoted always, with its quotes doubled', () => {
  expect(quotedName({ schema: 'public', name: 'x"; DROP TABLE y; --' })).toBe(
    '"public"."x""; DROP TABLE y; --"',
  );
});
