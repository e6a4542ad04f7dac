import { describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import { coarseMetadata, idTypesOf, readDependencies, writeEffects } from '../../../../src/database/index.js';
import { schemaMetadata } from '../../../../src/domain/generated/holdfast/metadata.js';
import { PrismaClient } from '../../../../src/domain/index.js';
import { WiringError } from '../../../../src/errors.js';
import { shownEffects } from '../../../support/prisma/writes/hand-picked-write.js';

const client = new PrismaClient({
  adapter: new PrismaPg({ connectionString: 'postgresql://nowhere.invalid' }),
});
const coarse = coarseMetadata(client);
const EVERYTHING = 'ConversionJob any appears, Project any appears, User any appears';

describe('the metadata of a client without the generator', () => {
  test('names models, tables, columns and relations as the schema does', () => {
    for (const [name, model] of Object.entries(schemaMetadata.models)) {
      const { table, schema, id, fields } = coarse.models[name] ?? {};
      expect({ table, schema, id }).toEqual({ table: model.table, schema: model.schema, id: model.id });
      expect(Object.keys(fields ?? {})).toEqual(Object.keys(model.fields));
      for (const [fieldName, field] of Object.entries(model.fields)) {
        const other = fields?.[fieldName];
        if (field.kind === 'scalar') {
          const { column, type, isEnum } = field;
          expect(other).toMatchObject({ kind: 'scalar', column, type, isEnum });
        } else expect(other).toMatchObject({ kind: 'relation', name: field.name, model: field.model });
      }
    }
  });

  test('knows that a create, and a read of columns, concern one model', () => {
    expect(shownEffects(writeEffects(coarse, 'User', 'create', { data: { name: 'a' } }))).toBe(
      'User appears',
    );
    expect(readDependencies(coarse, 'User', { where: { name: 'a' } })).toEqual(['User']);
  });

  test('supposes that foreign keys follow any column, and that a delete or a nested write may go anywhere', () => {
    const where = { id: 'a' };
    const update = writeEffects(coarse, 'User', 'update', { where, data: { name: 'a' } });
    expect(shownEffects(update)).toBe(`own row; ${EVERYTHING}`);
    expect(shownEffects(writeEffects(coarse, 'User', 'delete', { where }))).toBe(`own row; ${EVERYTHING}`);
    const nested = writeEffects(coarse, 'User', 'create', { data: { projects: { create: {} } } });
    expect(shownEffects(nested)).toBe(EVERYTHING);
  });

  test('takes primary keys from the caller, and supposes no type for them', () => {
    const told = coarseMetadata(client, { User: ['githubId'] });
    expect(writeEffects(told, 'User', 'delete', { where: { githubId: 'a' } }).ownRow).toBe(true);
    expect(writeEffects(told, 'User', 'delete', { where: { id: 'a' } }).ownRow).toBe(false);
    expect(idTypesOf(coarse, 'User')).toEqual([{ field: 'id', type: null }]);
  });

  test('has other shapes when a field changes, or anything in the text of the schema', () => {
    const model = (type: string) => ({ models: { A: { fields: [{ name: 'a', kind: 'scalar', type }] } } });
    const shape = (type: string, inlineSchema: string) =>
      coarseMetadata({ _runtimeDataModel: model(type), _engineConfig: { inlineSchema } }).models['A']?.shape;
    expect(shape('Int', 'x')).toBe(shape('Int', 'x'));
    expect(shape('String', 'x')).not.toBe(shape('Int', 'x'));
    expect(shape('Int', 'y')).not.toBe(shape('Int', 'x'));
  });

  test('tells a view by the text of the schema', () => {
    const models = { A: { fields: [] }, AB: { fields: [] } };
    const told = coarseMetadata({
      _runtimeDataModel: { models },
      _engineConfig: { inlineSchema: 'view A {}\nmodel AB {}' },
    });
    expect(Object.values(told.models).map(({ readOnly }) => readOnly)).toEqual([true, false]);
  });

  test('is the same of an extended client', () => {
    expect(coarseMetadata(client.$extends({}))).toEqual(coarse);
  });

  test('is refused for a client that holds no data model, instead of caching without a shape', () => {
    expect(() => coarseMetadata({})).toThrow(WiringError);
  });
});
