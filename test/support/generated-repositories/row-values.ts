import fc from 'fast-check';
import { columnValues, type NullKinds } from './column-values.js';
import { type FullField, fieldsOf, modelIn } from './declared.js';
import type { Row } from './row-maker.js';
import type { GeneratedWorld } from './world.js';

/** Any row that a model without relations may have, but for columns that the database fills in. */
export function rowValues({ generated }: GeneratedWorld, model: string): fc.Arbitrary<Row> {
  const { dmmf, client } = generated;
  const { DbNull } = client.Prisma;
  const nulls = client.Prisma as unknown as NullKinds;
  const valuesOf = (field: FullField): fc.Arbitrary<unknown> => {
    const values = columnValues(field, dmmf.datamodel.enums, nulls);
    if (field.isRequired) return values;
    return fc.option(values, { freq: 4, nil: field.type === 'Json' ? DbNull : null });
  };
  const fields = fieldsOf(modelIn(dmmf, model)).filter(
    ({ isId, isUpdatedAt }) => !isId && isUpdatedAt !== true,
  );
  const required = fields.filter(({ hasDefaultValue, isRequired }) => isRequired && !hasDefaultValue);
  return fc.record(Object.fromEntries(fields.map((field) => [field.name, valuesOf(field)])), {
    requiredKeys: required.map(({ name }) => name),
  }) as fc.Arbitrary<Row>;
}
