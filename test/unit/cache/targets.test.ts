import { describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import { type Change, TargetFinder } from '../../../src/cache/targets.js';
import type {
  FieldMetadata,
  ModelMetadata,
  SchemaMetadata,
  WriteEffects,
} from '../../../src/database/index.js';

const int: FieldMetadata = {
  kind: 'scalar',
  column: 'c',
  type: 'Int',
  isEnum: false,
  nativeType: null,
  precision: null,
  list: false,
  nullable: false,
};

function model(name: string, id: readonly string[]): ModelMetadata {
  return {
    name,
    table: name.toLowerCase(),
    schema: 'public',
    readOnly: false,
    shape: 'shape',
    id,
    uniques: [],
    compoundKeys: { teamId_seat: ['teamId', 'seat'] },
    fields: { id: int, teamId: int, seat: int },
  };
}

const [person, seat] = [model('Person', ['id']), model('Seat', ['teamId', 'seat'])];
const metadata: SchemaMetadata = { models: { Person: person, Seat: seat } };
const keys = new KeySpace('test');
const finder = new TargetFinder(keys, metadata, 'outbox');
const RULE = 'rule---1';

const update: WriteEffects = {
  ownRow: true,
  models: [{ model: 'Person', rows: 'none', appears: false }],
  tables: ['public.person'],
};
const change = (more: Partial<Change> = {}): Change => ({
  effects: update,
  ids: ['1'],
  named: [],
  tags: null,
  ...more,
});
const guardsOf = (given: Change, rule = RULE): string[] =>
  finder.ofWrite('Person', given, rule).guards.map((guard) => guard.version);
const versions = (...guards: { readonly version: string }[]): string[] =>
  guards.map(({ version }) => version);

describe('a write fences, of its own model', () => {
  test('the guard of all queries alone, where the tags are not known', () => {
    expect(guardsOf(change())).toEqual(versions(keys.lists(person)));
  });

  test('the guard of queries of any tag, each tag, and what hangs on tags under other rules, where they are', () => {
    expect(guardsOf(change({ tags: ['team:1', 'user:2', 'team:1'] }))).toEqual(
      versions(
        keys.taggedChanges(person),
        keys.tag('team:1'),
        keys.tag('user:2'),
        keys.otherRules(person, RULE),
      ),
    );
    const { guards } = finder.ofWrite('Person', change({ tags: [] }), RULE);
    expect(guards).toEqual([keys.taggedChanges(person), keys.otherRules(person, RULE)]);
  });

  test('the guard of all queries, where the tags are too many to be fenced one by one', () => {
    const tags = Array.from({ length: 201 }, (_, index) => `team:${index}`);
    expect(guardsOf(change({ tags }))).toEqual(versions(keys.lists(person)));
  });

  test('the guard of what follows a rule last, as the stores want it, whatever else there is', () => {
    const effects: WriteEffects = {
      ownRow: false,
      models: [
        { model: 'Person', rows: 'any', appears: true },
        { model: 'Seat', rows: 'any', appears: true },
      ],
      tables: [],
    };
    const { guards } = finder.ofWrite(
      'Person',
      change({ effects, tags: ['a'], named: [{ model: 'Seat', id: null }] }),
      RULE,
    );
    expect(guards.at(-1)).toEqual(keys.otherRules(person, RULE));
    expect(guards.filter(({ rule }) => rule !== undefined)).toHaveLength(1);
  });
});

describe('a write fences, of the other models that it touches', () => {
  test('the guard of all queries, though its own tags are known', () => {
    const effects = {
      ...update,
      models: [...update.models, { model: 'Seat', rows: 'none', appears: true } as const],
    };
    expect(guardsOf(change({ effects, tags: ['team:1'] }))).toEqual(
      versions(
        keys.taggedChanges(person),
        keys.tag('team:1'),
        keys.lists(seat),
        keys.absence(seat),
        keys.otherRules(person, RULE),
      ),
    );
  });
});

describe('the rows that a write fences', () => {
  const rowsOf = (given: Change) => {
    const { keys: entries, guards } = finder.ofWrite('Person', given, RULE);
    const own = [person, seat].filter((each) =>
      guards.some(({ version }) => version === keys.rows(each).version),
    );
    return { entries, all: own.map(({ name }) => name) };
  };

  test('are those of its ids and those that it names, each once', () => {
    const named = [
      { model: 'Person', id: 1 },
      { model: 'Person', id: 2 },
      { model: 'Seat', id: { seat: 3, teamId: 4 } },
    ];
    expect(rowsOf(change({ named }))).toEqual({
      entries: [keys.entity(person, '1'), keys.entity(person, '2'), keys.entity(seat, '4,3')],
      all: [],
    });
  });

  test('are not those of a value that cannot be the id of any', () => {
    const named = [
      { model: 'Person', id: { in: [1, 2] } },
      { model: 'Person', id: 'x' },
      { model: 'Seat', id: { seat: 3 } },
    ];
    expect(rowsOf(change({ named }))).toEqual({ entries: [keys.entity(person, '1')], all: [] });
  });

  test('are all of a model of which one is named and it cannot be told which, whatever the order', () => {
    const known = { model: 'Seat', id: { seat: 3, teamId: 4 } };
    const unknown = { model: 'Seat', id: null };
    for (const named of [
      [known, unknown],
      [unknown, known],
    ]) {
      expect(rowsOf(change({ named }))).toEqual({ entries: [keys.entity(person, '1')], all: ['Seat'] });
    }
  });

  test('are all of a model of which very many are named', () => {
    const named = Array.from({ length: 1_001 }, (_, id) => ({ model: 'Person', id }));
    expect(rowsOf(change({ named: named.slice(0, 1_000) })).entries).toHaveLength(1_000);
    expect(rowsOf(change({ named }))).toEqual({ entries: [], all: ['Person'] });
  });

  test('are all of the own model, where an update names one by something else than its id', () => {
    expect(rowsOf(change({ ids: [] }))).toEqual({ entries: [], all: ['Person'] });
  });
});

describe('a change by another writer', () => {
  test('invalidates all queries of its table, and of a key of several fields all rows', () => {
    const { keys: entries, guards } = finder.ofChanges([
      { schema: 'public', table: 'person', ids: ['7'] },
      { schema: 'public', table: 'seat', ids: ['8'] },
    ]);
    expect(entries).toEqual([keys.entity(person, '7')]);
    expect(guards).toEqual([
      keys.lists(person),
      keys.absence(person),
      keys.lists(seat),
      keys.absence(seat),
      keys.rows(seat),
    ]);
  });
});
