import { expect } from '@jest/globals';
import type { KeysetPage } from '../../../../src/database/index.js';
import type { FullField } from '../declared.js';
import type { Row } from '../row-maker.js';
import { byKey, expectSame, type Subject } from './subject.js';

const PAGE_SIZE = 2;
const NOT_ORDERED = new Set(['Json', 'Bytes']);

/** Walks all pages, by number and by cursor, forwards and backwards, in the key's order and in those of columns. */
export async function pages(subject: Subject): Promise<void> {
  await numberedPages(subject);
  if (subject.model.id.length === 0) return;
  await cursorPages(subject, undefined, 'asc');
  if (!subject.thorough) return;
  for (const field of someColumns(subject)) {
    for (const direction of ['asc', 'desc'] as const) await cursorPages(subject, field, direction);
  }
}

async function numberedPages(subject: Subject): Promise<void> {
  const { here } = subject;
  const all = await allRows(subject, byKey(subject));
  const orderBy = byKey(subject);
  const seen: unknown[] = [];
  for (let page = 1; ; page += 1) {
    const found = await here.findPage({ page, pageSize: PAGE_SIZE, orderBy });
    expect(found).toMatchObject({ total: all.length, pageCount: Math.ceil(all.length / PAGE_SIZE) });
    seen.push(...found.items);
    if (!found.hasNext) break;
  }
  expectSame(seen, all);
}

async function cursorPages(
  subject: Subject,
  field: FullField | undefined,
  direction: 'asc' | 'desc',
): Promise<void> {
  const { here, model, fields } = subject;
  const order = field === undefined ? [] : [{ [field.name]: direction }];
  const orderBy = [...order, ...byKey(subject, field === undefined ? 'asc' : direction)];
  const types = model.id.map((name) => fields.find((each) => each.name === name)?.type ?? '');
  const ask = (more: object) =>
    here.findCursorPage({ pageSize: PAGE_SIZE, orderBy: field === undefined ? orderBy : order, ...more });
  if (types.some((type) => NOT_ORDERED.has(type))) {
    await expect(ask({})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    return;
  }
  const all = await allRows(subject, orderBy);
  const forwards = await walk((after) => ask({ after }), 'nextCursor');
  expectSame(
    forwards.flatMap(({ items }) => items),
    all,
  );
  const last = forwards.at(-1);
  if (last?.previousCursor == null) return;
  const before = await walk((cursor) => ask({ before: cursor ?? last.previousCursor }), 'previousCursor');
  expectSame(
    before.reverse().flatMap(({ items }) => items),
    all.slice(0, all.length - last.items.length),
  );
}

async function walk(
  ask: (cursor: string | null) => Promise<KeysetPage<object>>,
  further: 'nextCursor' | 'previousCursor',
): Promise<KeysetPage<object>[]> {
  const found: KeysetPage<object>[] = [];
  let cursor: string | null = null;
  do {
    const page: KeysetPage<object> = await ask(cursor);
    found.push(page);
    cursor = page[further];
  } while (cursor !== null);
  return found;
}

async function allRows({ prisma, visible }: Subject, orderBy: readonly Row[]): Promise<readonly Row[]> {
  return (await prisma['findMany']?.({ where: visible, orderBy })) as readonly Row[];
}

/** The first column of each type that has an order, with and without null. */
function someColumns({ fields, model }: Subject): readonly FullField[] {
  const found = new Map<string, FullField>();
  for (const field of fields) {
    if (field.kind === 'object' || field.isList || NOT_ORDERED.has(field.type)) continue;
    if (model.id.includes(field.name) || field.nativeType?.[0] === 'Xml') continue;
    const kind = `${field.type} ${field.nativeType?.[0]} ${field.isRequired}`;
    if (!found.has(kind)) found.set(kind, field);
  }
  return [...found.values()];
}
