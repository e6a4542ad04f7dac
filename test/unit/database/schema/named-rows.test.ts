import { describe, expect, test } from '@jest/globals';
import {
  type FieldMetadata,
  type ModelMetadata,
  namedRows,
  type SchemaMetadata,
} from '../../../../src/database/index.js';
import { schemaMetadata } from '../../../../src/domain/generated/holdfast/metadata.js';

const named = (model: string, args: unknown): string[] =>
  namedRows(schemaMetadata, model, args).map((row) => `${row.model} ${String(row.id)}`);

describe('the rows that a write names', () => {
  test('are the one of its filter, and the one it creates under a given id', () => {
    expect(named('User', { where: { id: 'a' }, data: { name: 'x' } })).toEqual(['User a']);
    expect(named('User', { data: { id: 'a', name: 'x' } })).toEqual(['User a']);
    expect(named('User', { data: { name: 'x' } })).toEqual([]);
  });

  test('are those of nested writes of every kind, at any depth', () => {
    const data = {
      projects: {
        create: [{ id: 'p1', jobs: { create: { id: 'j1' } } }, { name: 'of an id not known' }],
        createMany: { data: [{ id: 'p2' }, { id: 'p3' }] },
        connectOrCreate: { where: { id: 'p4' }, create: { id: 'p5' } },
        upsert: { where: { id: 'p6' }, create: { id: 'p7' }, update: { jobs: { delete: { id: 'j2' } } } },
        update: { where: { id: 'p8' }, data: { name: 'x' } },
      },
    };
    expect(named('User', { where: { id: 'u' }, data }).sort()).toEqual([
      ...['ConversionJob j1', 'ConversionJob j2'],
      ...[
        'Project p1',
        'Project p2',
        'Project p3',
        'Project p4',
        'Project p5',
        'Project p6',
        'Project p7',
        'Project p8',
      ],
      'User u',
    ]);
  });

  test('are not what a JSON column happens to call an id', () => {
    expect(named('Project', { data: { sourceStack: { id: 'x', create: { id: 'y' } } } })).toEqual([]);
  });

  test('are none where a name is one that every object has', () => {
    expect(named('User', { data: { constructor: { a: 1 }, toString: { b: 2 }, valueOf: 3 } })).toEqual([]);
  });

  test('come to an end where the arguments are a circle', () => {
    const data: Record<string, unknown> = { id: 'a' };
    data['update'] = data;
    expect(new Set(named('User', { data }))).toEqual(new Set(['User a']));
  });
});

describe('the rows of a key of several fields, or that is a foreign key, that a write names', () => {
  const column = (nativeType: string | null = null): FieldMetadata => ({
    kind: 'scalar',
    column: 'c',
    type: nativeType === null ? 'Int' : 'String',
    isEnum: false,
    nativeType,
    precision: null,
    list: false,
    nullable: false,
  });
  const relation = (name: string, model: string, fields: string[], references: string[]): FieldMetadata => ({
    kind: 'relation',
    name,
    model,
    list: fields.length === 0,
    nullable: false,
    fields,
    references,
    onDelete: fields.length === 0 ? null : 'Cascade',
    onUpdate: fields.length === 0 ? null : 'Cascade',
    joinTable: null,
  });
  const model = (
    name: string,
    id: string[],
    fields: Readonly<Record<string, FieldMetadata>>,
  ): ModelMetadata => ({
    name,
    table: name,
    schema: null,
    readOnly: false,
    shape: 'shape',
    id,
    uniques: name === 'Team' ? [['code']] : [],
    compoundKeys: name === 'Seat' ? { place: ['teamId', 'number'], teamId_row: ['teamId', 'row'] } : {},
    fields,
  });
  const metadata: SchemaMetadata = {
    models: {
      Team: model('Team', ['id'], {
        id: column(),
        code: column(),
        seats: relation('a', 'Seat', [], []),
        plan: relation('b', 'Plan', [], []),
      }),
      Seat: model('Seat', ['teamId', 'number'], {
        teamId: column(),
        number: column(),
        row: column(),
        team: relation('a', 'Team', ['teamId'], ['id']),
      }),
      Plan: model('Plan', ['teamId'], { teamId: column(), team: relation('b', 'Team', ['teamId'], ['id']) }),
      Token: model('Token', ['teamId', 'id'], { teamId: column(), id: column('Uuid') }),
      Text: model('Text', ['teamId', 'locale'], { teamId: column(), locale: column() }),
    },
  };
  const rowsOf = (name: string, args: unknown): string[] =>
    namedRows(metadata, name, args).map(({ model: of, id }) => `${of} ${JSON.stringify(id)}`);
  const SEAT = 'Seat {"teamId":1,"number":2}';

  test.each<[what: string, model: string, args: object, rows: readonly string[]]>([
    ['by a name that the key has', 'Seat', { where: { place: { teamId: 1, number: 2 } } }, [SEAT]],
    ['not by the name of another key', 'Seat', { where: { teamId_row: { teamId: 1, row: 2 } } }, []],
    ['by its parts', 'Seat', { data: { number: 2, teamId: 1 } }, [SEAT]],
    ['by what is connected', 'Seat', { data: { number: 2, team: { connect: { id: 1 } } } }, ['Team 1', SEAT]],
    [
      'by what is created with it, or connected',
      'Seat',
      { data: { number: 2, team: { connectOrCreate: { where: { id: 1 }, create: { id: 1 } } } } },
      ['Team 1', 'Team 1', SEAT],
    ],
    [
      'not, where one may be connected and another created',
      'Seat',
      { data: { number: 2, team: { connectOrCreate: { where: { id: 1 }, create: { id: 3 } } } } },
      ['Team 1', 'Team 3', 'Seat null'],
    ],
    [
      'not, where what is connected is named by something else',
      'Seat',
      { data: { number: 2, team: { connect: { code: 1 } } } },
      ['Seat null'],
    ],
    [
      'by no name, where it is new with what it is nested in',
      'Team',
      { data: { seats: { create: { number: 2 } } } },
      [],
    ],
    [
      'by what it is nested in',
      'Team',
      { where: { id: 1 }, data: { seats: { createMany: { data: [{ number: 2 }] } }, plan: { create: {} } } },
      ['Team 1', SEAT, 'Plan 1'],
    ],
    [
      'not, where what it is nested in is named by something else',
      'Team',
      { where: { code: 1 }, data: { seats: { create: { number: 2 } }, plan: { create: {} } } },
      ['Seat null', 'Plan null'],
    ],
    [
      'where it is moved',
      'Seat',
      { where: { place: { teamId: 1, number: 3 } }, data: { number: { set: 2 } } },
      ['Seat {"teamId":1,"number":3}', SEAT],
    ],
    [
      'not where it is moved by a number that is added',
      'Seat',
      { where: { place: { teamId: 1, number: 3 } }, data: { number: { increment: 1 } } },
      ['Seat {"teamId":1,"number":3}', 'Seat null'],
    ],
    [
      'not twice where it stays in its place',
      'Seat',
      { where: { place: { teamId: 1, number: 2 } }, data: { row: 3 } },
      [SEAT],
    ],
    ['by no name, where a part is a uuid that the database gives', 'Token', { data: { teamId: 1 } }, []],
    ['not, where a part may be a default that others have', 'Text', { data: { teamId: 1 } }, ['Text null']],
    ['by no name, where the database gives the key', 'Team', { data: { code: 1 } }, []],
    ['by a value that is set', 'Team', { where: { id: 1 }, data: { id: { set: 5 } } }, ['Team 1', 'Team 5']],
  ])('%s', (_what, name, args, rows) => {
    expect(rowsOf(name, args)).toEqual(rows);
  });

  test('come to an end where the arguments are a circle', () => {
    const seats: Record<string, unknown> = { number: 2 };
    const team: Record<string, unknown> = { create: { id: 1, seats: { create: seats } } };
    seats['team'] = team;
    expect(new Set(rowsOf('Seat', { data: seats }))).toEqual(new Set(['Team 1', SEAT]));
  });
});
