import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { skip } from '@prisma/client/runtime/client';
import { type SchemaMetadata, type WriteOperation, writeEffects } from '../../../../src/database/index.js';
import { schemaMetadata } from '../../../../src/domain/generated/holdfast/metadata.js';
import { WiringError } from '../../../../src/errors.js';
import { shownEffects } from '../../../support/prisma/writes/hand-picked-write.js';

const ID = '0197a000-0000-7000-8000-000000000001';
const EVERYTHING = 'ConversionJob any appears, Project any appears, User any appears';

function shown(model: string, operation: WriteOperation, args: unknown): string {
  return shownEffects(writeEffects(schemaMetadata, model, operation, args));
}

const updateUser = (data: unknown): string => shown('User', 'update', { where: { id: ID }, data });

describe('the effects of a write of the reference domain', () => {
  test.each<[what: string, model: string, operation: WriteOperation, args: object, effects: string]>([
    ['a new user', 'User', 'create', { data: { username: 'a' } }, 'User appears'],
    ['many new users', 'User', 'createMany', { data: [] }, 'User appears'],
    ['another name', 'User', 'update', { where: { id: ID }, data: { name: 'a' } }, 'own row; User'],
    [
      'another address',
      'User',
      'update',
      { where: { id: ID }, data: { email: 'a' } },
      'own row; User appears',
    ],
    [
      'a user known by the address',
      'User',
      'update',
      { where: { email: 'a' }, data: { name: 'a' } },
      'User any',
    ],
    [
      'another id',
      'User',
      'update',
      { where: { id: ID }, data: { id: ID } },
      'own row; ConversionJob any, Project any, User appears',
    ],
    ['no user', 'User', 'delete', { where: { id: ID } }, 'own row; ConversionJob any, Project any, User'],
    ['no project', 'Project', 'delete', { where: { id: ID } }, 'own row; ConversionJob any, Project'],
    ['no jobs', 'ConversionJob', 'deleteMany', {}, 'ConversionJob any'],
    ['another owner', 'Project', 'update', { where: { id: ID }, data: { ownerId: ID } }, 'own row; Project'],
  ])('%s', (_what, model, operation, args, effects) => {
    expect(shown(model, operation, args)).toBe(effects);
  });

  test('name the tables as the database does', () => {
    expect(writeEffects(schemaMetadata, 'User', 'delete', { where: { id: ID } }).tables).toEqual([
      'users',
      'conversion_jobs',
      'projects',
    ]);
  });
});

describe('what is not given', () => {
  const { skip: otherSkip } = createRequire(import.meta.url)('@prisma/client/runtime/client') as {
    skip: unknown;
  };

  test.each([
    ['undefined', undefined],
    ['Prisma.skip', skip],
    ['Prisma.skip of a second copy of the runtime', otherSkip],
  ])('%s touches nothing', (_name, absent) => {
    expect(updateUser({ name: 'a', id: absent, email: absent, projects: absent })).toBe('own row; User');
    expect(updateUser({ projects: { create: absent, deleteMany: absent } })).toBe('own row; User');
    expect(shown('User', 'delete', { where: { id: absent, email: 'a' } })).toMatch(/^ConversionJob any/);
  });

  test('a create without arguments is a new row', () => {
    expect(shown('User', 'create', undefined)).toBe('User appears');
  });
});

describe('what is not understood may touch everything that relations lead to', () => {
  test.each<[string, unknown]>([
    ['a field that is not there', { nickname: 'a' }],
    ['a field that every object has', { constructor: 'a' }],
    ['a nested operation that is not there', { projects: { replace: {} } }],
    ['a nested value that is no object', { projects: 'all' }],
    ['a nested null', { projects: null }],
    ['nested data that is no object', { projects: { create: 5 } }],
    ['nested data that says itself how it is written', { projects: { create: new Date() } }],
    ['a list where one thing belongs', [{ name: 'a' }]],
    ['no data', undefined],
  ])('%s', (_what, data) => {
    expect(updateUser(data)).toBe(`own row; ${EVERYTHING}`);
  });

  test('arguments that are inherited count, since Prisma takes them', () => {
    expect(updateUser(Object.create({ projects: { deleteMany: {} } }))).toBe(
      'own row; ConversionJob any, Project any, User',
    );
  });

  test('a model that is not there is refused', () => {
    expect(() => shown('Usr', 'create', {})).toThrow(WiringError);
    expect(() => shown('constructor', 'create', {})).toThrow(
      /no model "constructor".*ConversionJob, Project, User/,
    );
  });
});

describe('the usual writes', () => {
  test('share one frozen answer', () => {
    const first = writeEffects(schemaMetadata, 'Project', 'update', {
      where: { id: ID },
      data: { name: 'a' },
    });
    const second = writeEffects(schemaMetadata, 'Project', 'update', {
      where: { id: 'b' },
      data: { version: 'b' },
    });
    expect(second).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
    expect(Object.isFrozen(first.models)).toBe(true);
  });

  test('leave the arguments as they were', () => {
    const args = Object.freeze({ where: Object.freeze({ id: ID }), data: Object.freeze({ name: 'a' }) });
    expect(() => writeEffects(schemaMetadata, 'User', 'update', args)).not.toThrow();
  });
});

describe('a relation of which the schema hides the other side', () => {
  const { User, Project } = schemaMetadata.models;
  const { owner: _hidden, ...fields } = Project?.fields ?? {};
  const hiding = { models: { User, Project: { ...Project, fields } } } as SchemaMetadata;

  test('may cascade', () => {
    const effects = writeEffects(hiding, 'User', 'delete', { where: { id: ID } });
    expect(effects.models.find(({ model }) => model === 'Project')).toEqual({
      model: 'Project',
      rows: 'any',
      appears: true,
    });
  });
});
