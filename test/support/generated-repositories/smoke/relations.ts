import type { ModelMetadata, RelationField } from '../../../../src/database/index.js';
import { modelIn } from '../declared.js';
import type { Row } from '../row-maker.js';
import { type AnyRepository, untilCached } from '../world.js';
import { expectSame, freeFields, idOf, pick, type Subject, subjectOf, uniqueWhere } from './subject.js';

/** Includes every relation, and sees what is written to the rows at their other ends. */
export async function includes(subject: Subject, row: Row): Promise<void> {
  const { model, world, here, thorough } = subject;
  const relations = relationsOf(model);
  const include = Object.fromEntries(
    relations.map(([name, relation]) => [name, included(world.metadata.models[relation.model], relation)]),
  );
  if (thorough && relations.length > 0) {
    const all = await byPrisma(subject, row, include);
    expectSame(await here.findById(idOf(subject, row), { include }), all);
  }
  for (const [name, relation] of relations) {
    const one = { [name]: include[name] };
    const found = await isCached(subject, row, one);
    if (isJoined(subject, name)) await seesConnections(subject, row, relation, one);
    else if (relation.fields.length === 0) await seesNewcomers(subject, row, relation, one);
    else if (thorough) await seesChanges(subject, row, relation, one, found);
  }
}

function relationsOf(model: ModelMetadata): readonly (readonly [string, RelationField])[] {
  return Object.entries(model.fields).flatMap(([name, field]) =>
    field.kind === 'relation' ? [[name, field] as const] : [],
  );
}

/** Whether both sides are lists, so that the rows are tied by a table that has no model. */
function isJoined({ world, fields }: Subject, name: string): boolean {
  const side = fields.find((field) => field.name === name);
  const others = modelIn(world.generated.dmmf, side?.type ?? '').fields;
  const opposite = others.find((field) => field.relationName === side?.relationName && field !== side);
  return side?.isList === true && opposite?.isList === true;
}

/** Lists in an order of their own, since a database gives them in any. */
function included(target: ModelMetadata | undefined, { list }: RelationField): unknown {
  return list ? { orderBy: target?.id.map((field) => ({ [field]: 'asc' })) } : true;
}

async function byPrisma({ prisma, model }: Subject, row: Row, include: Row): Promise<unknown> {
  return prisma['findUnique']?.({ where: uniqueWhere(model, model.id, row), include });
}

/** The other service has what Prisma gives, and gives it from its cache the next time. */
async function isCached(subject: Subject, row: Row, include: Row): Promise<unknown> {
  const { elsewhere, declared, world, thorough } = subject;
  const expected = await byPrisma(subject, row, include);
  const read = () => elsewhere.findById(idOf(subject, row), { include });
  const isAwaited = thorough && declared.cachesQueries;
  expectSame(isAwaited ? await untilCached(world.elsewhere, read) : await read(), expected);
  return expected;
}

/** The other service sees what was written since. */
async function isFresh(subject: Subject, row: Row, include: Row): Promise<void> {
  const expected = await byPrisma(subject, row, include);
  expectSame(await subject.elsewhere.findById(idOf(subject, row), { include }), expected);
}

/** The row that this one points to changes. */
async function seesChanges(
  subject: Subject,
  row: Row,
  relation: RelationField,
  include: Row,
  found: unknown,
): Promise<void> {
  const { world, maker } = subject;
  const [name = ''] = Object.keys(include);
  const end = Reflect.get(found as object, name) as Row | null;
  const other = await subjectOf(world, maker, relation.model);
  const [free] = freeFields(other);
  if (end === null || free === undefined) return;
  const repository = repositoryFor(other, end);
  await repository.update(idOf(other, end), { [free.name]: maker.value(free) });
  await isFresh(subject, row, include);
}

/** A row that points to this one comes and goes. */
async function seesNewcomers(
  subject: Subject,
  row: Row,
  relation: RelationField,
  include: Row,
): Promise<void> {
  const { world, maker } = subject;
  const other = await subjectOf(world, maker, relation.model);
  const pointing = relationsOf(other.model).find(
    ([, field]) => field.name === relation.name && field.fields.length > 0,
  )?.[1];
  const key = pointing?.fields.map((field, index) => [field, row[pointing.references[index] ?? '']]) ?? [];
  const data = await maker.data(relation.model, Object.fromEntries(key));
  if (data === null) return;
  const repository = repositoryFor(other, data);
  const end = (await repository.create(data)) as Row;
  await isFresh(subject, row, include);
  const id = idOf(other, end);
  if (other.declared.softDelete === null) await repository.delete(id);
  else await repository.deletePermanently(id);
  if (subject.thorough) await isFresh(subject, row, include);
  maker.forget(relation.model, end);
}

/** A row is tied to another and untied, through a table that has no model. */
async function seesConnections(
  subject: Subject,
  row: Row,
  relation: RelationField,
  include: Row,
): Promise<void> {
  const { world, maker, here } = subject;
  const [name = ''] = Object.keys(include);
  const target = world.metadata.models[relation.model];
  const [end] = maker.rows(relation.model);
  if (target === undefined || end === undefined) return;
  for (const operation of ['connect', 'disconnect'] as const) {
    await here.update(idOf(subject, row), { [name]: { [operation]: pick(end, target.id) } });
    await isFresh(subject, row, include);
  }
}

/** The repository of this service that may write a row. */
function repositoryFor({ world, model, declared }: Subject, row: Row): AnyRepository {
  const repository = world.here.repository(model.name);
  return declared.scope === null ? repository : repository.forScope(row[declared.scope]);
}
