import { isDeepStrictEqual } from 'node:util';
import type { ModelMetadata, SchemaMetadata, WriteEffects } from '../../../src/database/index.js';
import type { ObservedChange } from './observed-changes.js';

type Row = Readonly<Record<string, unknown>>;

/** What happened in the database that the effects did not say, one sentence each. */
export function unforeseen(
  metadata: SchemaMetadata,
  effects: WriteEffects,
  own: { readonly model: string; readonly id: Row | null },
  changes: readonly ObservedChange[],
): string[] {
  // A write may change the id of the row that it names, and then the row again.
  const ownIds = [own.id];
  return changes.flatMap((change) => {
    const { table, operation, before, after } = change;
    if (!effects.tables.includes(table)) return [`${operation} in ${table}, which is not among the tables`];
    const model = Object.values(metadata.models).find((candidate) => tableOf(candidate) === table);
    if (model === undefined) return withoutBothSides(metadata, effects, change);
    const effect = effects.models.find((candidate) => candidate.model === model.name);
    if (effect === undefined) return [`${operation} of a ${model.name}, which is not among the models`];
    const problems: string[] = [];
    const isOwn = effects.ownRow && own.model === model.name && ownIds.some((id) => hasId(model, before, id));
    if (isOwn && after !== null) ownIds.push(idOf(model, after));
    if (before !== null && !isDeepStrictEqual(before, after) && effect.rows === 'none' && !isOwn) {
      problems.push(
        `${operation} of the ${model.name} ${JSON.stringify(before)}, but no row is said to change`,
      );
    }
    if (after !== null && !effect.appears && takesKey(model, before, after)) {
      problems.push(
        `${operation} to the ${model.name} ${JSON.stringify(after)}, but nothing is said to appear`,
      );
    }
    return problems;
  });
}

/** A line of a join table: both models of the relation must be named. */
function withoutBothSides(metadata: SchemaMetadata, effects: WriteEffects, change: ObservedChange): string[] {
  const named = new Set(effects.models.map(({ model }) => model));
  return Object.values(metadata.models)
    .filter((model) =>
      Object.values(model.fields).some(
        (field) => field.kind === 'relation' && field.joinTable === change.table,
      ),
    )
    .filter((model) => !named.has(model.name))
    .map((model) => `${change.operation} in ${change.table}, but ${model.name} is not among the models`);
}

/** Whether a lookup by some unique key finds the row that would not have found it before. */
function takesKey(model: ModelMetadata, before: Row | null, after: Row): boolean {
  return [model.id, ...model.uniques].some((fields) => {
    const values = fields.map((field) => after[columnOf(model, field)]);
    const earlier = fields.map((field) => before?.[columnOf(model, field)]);
    return !values.includes(null) && !isDeepStrictEqual(values, earlier);
  });
}

function hasId(model: ModelMetadata, row: Row | null, id: Row | null): boolean {
  return id !== null && model.id.every((field) => row?.[columnOf(model, field)] === id[field]);
}

function idOf(model: ModelMetadata, row: Row): Row {
  return Object.fromEntries(model.id.map((field) => [field, row[columnOf(model, field)]]));
}

function columnOf(model: ModelMetadata, name: string): string {
  const field = model.fields[name];
  return field?.kind === 'scalar' ? field.column : name;
}

function tableOf({ schema, table }: ModelMetadata): string {
  return schema === null ? table : `${schema}.${table}`;
}
