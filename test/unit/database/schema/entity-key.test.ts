import { describe, expect, test } from '@jest/globals';
import {
  idTypesOf,
  keyTypeOf,
  modelOf,
  reachableModels,
  type ScalarField,
  schemaFingerprint,
} from '../../../../src/database/index.js';
import { schemaMetadata } from '../../../../src/domain/generated/holdfast/metadata.js';
import { WiringError } from '../../../../src/errors.js';

function field(type: string, nativeType: string | null = null, more: Partial<ScalarField> = {}): ScalarField {
  return {
    kind: 'scalar',
    column: 'c',
    type,
    isEnum: false,
    nativeType,
    precision: null,
    list: false,
    nullable: false,
    ...more,
  };
}

describe('a key of a column', () => {
  test.each([
    ['String', null, 'text'],
    ['String', 'Text', 'text'],
    ['String', 'VarChar', 'text'],
    ['String', 'Uuid', 'uuid'],
    ['Int', null, 'integer'],
    ['Int', 'SmallInt', 'integer'],
    ['BigInt', null, 'bigint'],
  ])('%s @db.%s is written as %s', (type, native, expected) => {
    expect(keyTypeOf(field(type, native))).toBe(expected);
  });

  test('an enum is written as its value', () => {
    expect(keyTypeOf(field('JobStatus', null, { isEnum: true }))).toBe('text');
  });

  test.each([
    ['String', 'Char'],
    ['String', 'Citext'],
    ['String', 'Inet'],
    ['Decimal', 'Decimal'],
    ['DateTime', 'Timestamptz'],
    ['Bytes', null],
    ['Boolean', null],
    ['Float', null],
  ])('%s @db.%s has spellings that only PostgreSQL can tell to be equal', (type, native) => {
    expect(keyTypeOf(field(type, native))).toBeNull();
  });

  test('a list is none', () => {
    expect(keyTypeOf(field('Int', null, { list: true }))).toBeNull();
  });
});

test('the reference domain has ids of the type uuid', () => {
  expect(idTypesOf(schemaMetadata, 'User')).toEqual([{ field: 'id', type: 'uuid' }]);
});

describe('a schema', () => {
  test('gives its models by name, and refuses another', () => {
    expect(modelOf(schemaMetadata, 'User').table).toBe('users');
    expect(() => modelOf(schemaMetadata, 'Usr')).toThrow(WiringError);
  });

  test('knows what relations lead to', () => {
    expect(reachableModels(schemaMetadata, 'User')).toEqual(['ConversionJob', 'Project', 'User']);
  });

  test('has another fingerprint when a shape changes, and not when its models change places', () => {
    const models = Object.entries(schemaMetadata.models);
    const turned = Object.fromEntries(models.reverse());
    expect(schemaFingerprint({ models: turned })).toBe(schemaFingerprint(schemaMetadata));
    const changed = models.map(([name, model]) => [name, name === 'User' ? { ...model, shape: 'x' } : model]);
    expect(schemaFingerprint({ models: Object.fromEntries(changed) })).not.toBe(
      schemaFingerprint(schemaMetadata),
    );
  });
});
