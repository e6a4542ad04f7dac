import { describe, expect, test } from '@jest/globals';
import { namedRows } from '../../../../src/database/index.js';
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

  test('come to an end where the arguments are a circle', () => {
    const data: Record<string, unknown> = { id: 'a' };
    data['update'] = data;
    expect(new Set(named('User', { data }))).toEqual(new Set(['User a']));
  });
});
