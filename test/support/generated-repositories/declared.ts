import type { Dmmf, DmmfField, DmmfModel } from '../../../src/generator/dmmf.js';

/** A field, with what Prisma tells of it that the generator does not need. */
export interface FullField extends DmmfField {
  readonly hasDefaultValue: boolean;
  /** `{ name: 'autoincrement', args: [] }` where the value is made when a row is. */
  readonly default?: unknown;
  readonly isUpdatedAt?: boolean;
  readonly documentation?: string | null;
}

/** What the annotations of a model's fields, and of itself, say; found without the generator that is tested. */
export interface Declared {
  readonly scope: string | null;
  readonly softDelete: string | null;
  readonly version: string | null;
  readonly cachesRows: boolean;
  readonly cachesQueries: boolean;
  /** The fields of each tag that has but one. */
  readonly tagFields: readonly string[];
}

export function fieldsOf(model: DmmfModel): readonly FullField[] {
  return model.fields as readonly FullField[];
}

export function modelIn(dmmf: Dmmf, name: string): DmmfModel {
  const model = dmmf.datamodel.models.find((each) => each.name === name);
  if (model === undefined) throw new Error(`The schema has no model ${name}.`);
  return model;
}

/** Whether Prisma can store rows of a model, which it cannot where a required column is of a type that it does not know. */
export function isCreatable({ mappings }: Dmmf, name: string): boolean {
  return mappings.modelOperations.some((each) => each.model === name && 'createOne' in each);
}

export function declaredBy(model: DmmfModel): Declared {
  const fieldWith = (annotation: string): string | null =>
    fieldsOf(model).find(({ documentation }) => documentation?.includes(`@holdfast.${annotation}`))?.name ??
    null;
  const text = model.documentation ?? '';
  const [, uncached = null] = /@holdfast\.uncached(?:\((\w+)\))?/.exec(text) ?? [];
  const isUncached = text.includes('@holdfast.uncached');
  return {
    scope: fieldWith('scope'),
    softDelete: fieldWith('softDelete'),
    version: fieldWith('version'),
    cachesRows: !isUncached || uncached === 'queries',
    cachesQueries: !isUncached || uncached === 'entities',
    tagFields: [...text.matchAll(/@holdfast\.tag\("[^"{}]*\{(\w+)\}[^"{}]*"\)/g)].map(
      ([, field = '']) => field,
    ),
  };
}
