import { type ModelSettings } from './annotations/model-settings.js';
import type { SchemaPlace, SchemaProblem } from './errors.js';
import { columnOf, type GeneratedModel } from './metadata-types.js';
import { pascalCase } from './naming.js';

/** A method that finds an entity by a unique key. */
export interface LookupMethod {
  readonly name: string;
  /** What the repository calls the key: the field, or the name of a compound key. */
  readonly key: string;
  readonly isCompound: boolean;
  readonly parameters: readonly { readonly field: string; readonly type: string }[];
}

/** Methods that a repository has already, of those whose names a field could lead to. A test holds them to be all. */
export const FINDERS: ReadonlySet<string> = new Set([
  'findById',
  'findByIds',
  'findByIdOrThrow',
  'findByUnique',
]);

const TYPES: Readonly<Record<string, string>> = {
  String: 'string',
  Int: 'number',
  Float: 'number',
  BigInt: 'bigint',
  Boolean: 'boolean',
  DateTime: 'Date',
};

/** The methods that a model's annotations ask for, and those of them whose names are taken. */
export function lookupMethods(
  model: GeneratedModel,
  { lookups = [] }: ModelSettings,
  place: SchemaPlace,
): { readonly methods: readonly LookupMethod[]; readonly problems: readonly SchemaProblem[] } {
  const methods: LookupMethod[] = [];
  const problems: SchemaProblem[] = [];
  for (const fields of lookups) {
    const name = `findBy${fields.map(pascalCase).join('And')}`;
    if (FINDERS.has(name) || methods.some((other) => other.name === name)) {
      problems.push({
        ...place,
        message:
          `${model.name}: @holdfast.lookup of ${fields.join(', ')} would make a method ${name}, and there is one already. ` +
          `Take it away, and write one under another name with findByUnique in a class of your own.`,
      });
    }
    methods.push({
      name,
      key: keyName(model, fields),
      isCompound: fields.length > 1,
      parameters: fields.map((field) => ({ field, type: parameterType(model, field) })),
    });
  }
  return { methods, problems };
}

function keyName(model: GeneratedModel, fields: readonly string[]): string {
  const compound = Object.entries(model.compoundKeys).find(
    ([, key]) => key.length === fields.length && key.every((field) => fields.includes(field)),
  );
  return compound?.[0] ?? fields[0] ?? '';
}

/** A key is never looked up by null. */
function parameterType(model: GeneratedModel, field: string): string {
  const column = columnOf(model, field);
  const plain = column === null || column.isEnum || column.list ? undefined : TYPES[column.type];
  if (plain !== undefined) return plain;
  const type = `EntityOf<Delegate>['${field}']`;
  return column?.nullable ? `NonNullable<${type}>` : type;
}
