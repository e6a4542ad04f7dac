import { describe, expect, test } from '@jest/globals';
import {
  type ModelMetadata,
  type SchemaMetadata,
  seesOnlyMatchingRows,
} from '../../../../src/database/index.js';
import { schemaMetadata } from '../../../../src/domain/generated/holdfast/metadata.js';
import { WiringError } from '../../../../src/errors.js';

const of = (args: unknown, model = 'Project'): boolean => seesOnlyMatchingRows(schemaMetadata, model, args);

describe('of its own model, a read sees only the rows that its filter lets through', () => {
  test.each<[what: string, args: unknown]>([
    ['without arguments', undefined],
    [
      'with a filter, an order and a page by columns',
      { where: { ownerId: 'u' }, orderBy: { name: 'asc' }, take: 5, skip: 1 },
    ],
    ['with filters within filters', { where: { AND: [{ ownerId: 'u' }, { OR: [{ name: 'a' }] }] } }],
    ['with a filter by a row of another model', { where: { owner: { name: 'a' } } }],
    ['with a filter by rows of another model', { where: { jobs: { some: {} } } }],
    ['with what is included of other models', { include: { jobs: true, owner: { select: { id: true } } } }],
    ['with a selection', { select: { id: true, owner: true } }],
    ['with a count of rows of another model', { include: { _count: { select: { jobs: true } } } }],
    ['with an order by another model', { orderBy: { owner: { email: 'asc' } } }],
    ['with aggregates', { _count: true, _max: { createdAt: true }, by: ['status'] }],
    ['with what leads back and is not given', { include: { owner: { include: { projects: false } } } }],
    ['with a cursor that is not given', { cursor: undefined, where: { ownerId: 'u' } }],
  ])('%s', (_what, args) => {
    expect(of(args)).toBe(true);
  });
});

describe('of its own model, a read may see other rows', () => {
  test.each<[what: string, args: unknown]>([
    ['through what is included twice', { include: { owner: { include: { projects: true } } } }],
    ['through what is counted there', { include: { owner: { include: { _count: true } } } }],
    [
      'through one that is counted there',
      { select: { owner: { select: { _count: { select: { projects: true } } } } } },
    ],
    ['through a filter that comes back', { where: { owner: { projects: { some: { name: 'a' } } } } }],
    ['through a filter in what is included', { include: { jobs: { where: { project: { name: 'a' } } } } }],
    ['through an order that comes back', { orderBy: { owner: { projects: { _count: 'asc' } } } }],
    [
      'through one of several filters',
      { where: { OR: [{ name: 'a' }, { owner: { projects: { none: {} } } }] } },
    ],
    ['behind a cursor', { cursor: { id: 'p' }, where: { ownerId: 'u' } }],
    ['with an argument that is not there', { beyond: {} }],
    ['with a filter by a field that is not there', { where: { nickname: 'a' } }],
    ['with arguments that are a list', []],
    ['with arguments that are a date', new Date()],
    ['with a filter that is no object', { where: 'all' }],
  ])('%s', (_what, args) => {
    expect(of(args)).toBe(false);
  });

  test('where it reads a view, or is one', () => {
    const { User, Project } = schemaMetadata.models as Record<string, ModelMetadata>;
    const models = {
      ...schemaMetadata.models,
      User: { ...(User as ModelMetadata), readOnly: true },
      Project: Project as ModelMetadata,
    };
    const metadata: SchemaMetadata = { models };
    expect(seesOnlyMatchingRows(metadata, 'User', {})).toBe(false);
    expect(seesOnlyMatchingRows(metadata, 'Project', {})).toBe(true);
    expect(seesOnlyMatchingRows(metadata, 'Project', { include: { owner: true } })).toBe(false);
  });

  test('or there is no such model', () => {
    expect(() => seesOnlyMatchingRows(schemaMetadata, 'Nothing', {})).toThrow(WiringError);
  });
});
