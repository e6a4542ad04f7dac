import { describe, expect, test } from '@jest/globals';
import { type ModelMetadata, readDependencies, type SchemaMetadata } from '../../../../src/database/index.js';
import { schemaMetadata } from '../../../../src/domain/generated/holdfast/metadata.js';
import { WiringError } from '../../../../src/errors.js';

const ALL = ['ConversionJob', 'Project', 'User'];

const of = (model: string, args?: unknown): readonly string[] =>
  readDependencies(schemaMetadata, model, args);

describe('a read depends on', () => {
  test.each<[what: string, args: unknown, models: readonly string[]]>([
    ['its own model, without arguments', undefined, ['Project']],
    ['its own model, with filter, order and page by columns', columnsOnly(), ['Project']],
    ['its own model, when what leads elsewhere is not given', { include: { jobs: undefined } }, ['Project']],
    [
      'its own model, when what leads elsewhere is off',
      { include: { jobs: false, owner: false } },
      ['Project'],
    ],
    ['its own model, when fields are left out', { omit: { analysis: true } }, ['Project']],
    ['what a filter asks of one row', { where: { owner: { name: 'a' } } }, ['Project', 'User']],
    ['what a filter asks with is', { where: { owner: { is: { name: 'a' } } } }, ['Project', 'User']],
    ['what a filter denies', { where: { NOT: { owner: { isNot: { name: 'a' } } } } }, ['Project', 'User']],
    ['what a filter asks of many rows', { where: { jobs: { every: {} } } }, ['ConversionJob', 'Project']],
    [
      'what one of several filters asks',
      { where: { OR: [{ name: 'a' }, { owner: {} }] } },
      ['Project', 'User'],
    ],
    ['what a filter within a filter asks', { where: { jobs: { some: { user: { name: 'a' } } } } }, ALL],
    ['what it includes', { include: { jobs: true } }, ['ConversionJob', 'Project']],
    ['what it includes within that', { include: { jobs: { include: { user: true } } } }, ALL],
    ['what it selects', { select: { id: true, owner: { select: { id: true } } } }, ['Project', 'User']],
    ['what filters an include', { include: { jobs: { where: { user: null } } } }, ALL],
    ['what orders it', { orderBy: [{ name: 'asc' }, { owner: { email: 'asc' } }] }, ['Project', 'User']],
    [
      'what it is ordered by the number of',
      { orderBy: { jobs: { _count: 'asc' } } },
      ['ConversionJob', 'Project'],
    ],
    ['what it counts', { select: { _count: { select: { jobs: true } } } }, ['ConversionJob', 'Project']],
    ['what it counts without a choice', { include: { _count: true } }, ['ConversionJob', 'Project']],
  ])('%s', (_what, args, models) => {
    expect(of('Project', args)).toEqual(models);
  });

  test.each<[string, unknown]>([
    ['an argument that is not there', { within: {} }],
    ['a filter by a field that is not there', { where: { nickname: 'a' } }],
    ['a filter by a name that every object has', { where: { toString: 'a' } }],
    ['a filter that is no object', { where: 'all' }],
    ['a selection that is not there', { select: { nickname: true } }],
    ['an order by what is not there', { orderBy: { nickname: 'asc' } }],
    ['arguments that are a list', []],
    ['arguments that are a date', new Date()],
  ])('all that relations lead to, of %s', (_what, args) => {
    expect(of('Project', args)).toEqual(ALL);
  });

  test('all models, when one of those that it speaks of is a view', () => {
    const { User } = schemaMetadata.models;
    const view: ModelMetadata = { ...(User as ModelMetadata), name: 'Summary', readOnly: true, fields: {} };
    const metadata: SchemaMetadata = { models: { ...schemaMetadata.models, Summary: view } };
    expect(readDependencies(metadata, 'Summary', {})).toEqual([
      'ConversionJob',
      'Project',
      'Summary',
      'User',
    ]);
  });
});

test('a read of a model that is not there is refused', () => {
  expect(() => of('Usr')).toThrow(WiringError);
});

test('reads of columns share one frozen answer', () => {
  expect(of('Project', columnsOnly())).toBe(of('Project'));
  expect(Object.isFrozen(of('Project'))).toBe(true);
});

function columnsOnly(): object {
  return {
    where: { ownerId: 'a', status: { in: ['DRAFT'] } },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    cursor: { id: 'a' },
    distinct: ['name'],
    skip: 1,
    take: 10,
  };
}
