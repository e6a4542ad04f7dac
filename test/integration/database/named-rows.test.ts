import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Xoshiro128 } from '../../../scripts/support/random.js';
import { KeySpace } from '../../../src/cache/keys.js';
import { TargetFinder } from '../../../src/cache/targets.js';
import {
  type ModelMetadata,
  namedRows,
  type SchemaMetadata,
  writeEffects,
} from '../../../src/database/index.js';
import type { ObservedChange } from '../../support/prisma/observed-changes.js';
import { RandomWrites } from '../../support/prisma/random-writes.js';
import { openRichDatabase, type RichDatabase } from '../../support/prisma/rich-database.js';

/*
 * A row may come to be under an id that another row had a moment ago, and that is remembered still. So whatever a write
 * makes appear under an id, however it came by it, is fenced: that row, or all rows of its model. No id of this schema has a
 * default, so a write cannot make one up.
 */
const keys = new KeySpace('test');
let database: RichDatabase;

beforeAll(async () => {
  database = await openRichDatabase();
});
afterAll(() => database.close());

type Write = readonly [model: string, operation: string, args: Readonly<Record<string, unknown>>];

/** The rows that a write made appear, of those that it did not fence. */
function unfenced(
  metadata: SchemaMetadata,
  [model, operation, args]: Write,
  changes: readonly ObservedChange[],
): readonly string[] {
  const effects = writeEffects(metadata, model, operation as 'create', args);
  const named = namedRows(metadata, model, args);
  const own = { ids: [], tags: null, named, effects: { ...effects, ownRow: false } };
  const targets = new TargetFinder(keys, metadata, 'outbox').ofWrite(model, own, 'rule---1');
  const guards = new Set(targets.guards.map(({ version }) => version));
  return changes.flatMap(({ table, before, after }) => {
    const changed = Object.values(metadata.models).find((each) => `${each.schema}.${each.table}` === table);
    if (changed === undefined || after === null || guards.has(keys.rows(changed).version)) return [];
    const id = idOf(changed, after);
    const isNew = before === null || idOf(changed, before) !== id;
    return isNew && !targets.keys.includes(keys.entity(changed, id)) ? [`${changed.name} ${id}`] : [];
  });
}

function idOf(model: ModelMetadata, row: Readonly<Record<string, unknown>>): string {
  return model.id
    .map((name) => {
      const field = model.fields[name];
      return String(row[field?.kind === 'scalar' ? field.column : name]);
    })
    .join(',');
}

/** The rows that appeared and were not fenced; null where the write failed. */
async function afterWrite(write: Write): Promise<readonly string[] | null> {
  const [model, operation, args] = write;
  const failed = await database
    .delegate(model)
    [operation]?.(args)
    .then(
      () => false,
      () => true,
    );
  const changes = await database.changes();
  return failed === true ? null : unfenced(database.metadata, write, changes);
}

const member = { personId: 4, teamId: 3 };
const seat = { seat: 9 };

describe('a row that appears is fenced', () => {
  test.each<[what: string, model: string, operation: string, args: Readonly<Record<string, unknown>>]>([
    ['by its parts', 'Membership', 'create', { data: { ...member, ...seat } }],
    [
      'by what it is connected to',
      'Membership',
      'create',
      { data: { ...seat, person: { connect: { id: 4 } }, team: { connect: { id: 3 } } } },
    ],
    [
      'by what is created with it',
      'Membership',
      'create',
      { data: { ...seat, person: { connect: { id: 4 } }, team: { create: { id: 50 } } } },
    ],
    [
      'by what it is nested in',
      'Team',
      'update',
      { where: { id: 3 }, data: { memberships: { create: { personId: 4, ...seat } } } },
    ],
    [
      'by what is created around it',
      'Team',
      'create',
      { data: { id: 51, memberships: { createMany: { data: [{ personId: 4, ...seat }] } } } },
    ],
    [
      'though what it is nested in is not named by its id',
      'Person',
      'update',
      { where: { email: 'k4' }, data: { memberships: { create: { teamId: 3, ...seat } } } },
    ],
    [
      'though what it is connected to is not named by its id',
      'Membership',
      'create',
      { data: { ...seat, person: { connect: { email: 'k4' } }, team: { connect: { id: 3 } } } },
    ],
    [
      'when it is moved there',
      'Membership',
      'update',
      { where: { member: { personId: 1, teamId: 1 } }, data: { team: { connect: { id: 3 } }, ...seat } },
    ],
    [
      'when it is moved there by a number that is added',
      'Membership',
      'update',
      { where: { member: { personId: 1, teamId: 1 } }, data: { teamId: { increment: 2 }, ...seat } },
    ],
    [
      'when its key is that of the row it is nested in',
      'Person',
      'update',
      { where: { id: 4 }, data: { passport: { create: { number: 'k9' } } } },
    ],
    ['when its id is set', 'Team', 'update', { where: { id: 3 }, data: { id: { set: 52 } } }],
    [
      'when it is created, or else changed, in a row that is there',
      'Team',
      'update',
      {
        where: { id: 3 },
        data: {
          memberships: {
            upsert: { where: { member }, create: { personId: 4, ...seat }, update: { role: 'x' } },
          },
        },
      },
    ],
  ])('%s', async (_what, ...write) => {
    await database.reset();
    expect(await afterWrite(write)).toEqual([]);
  });
});

test('no random write makes a row appear that it does not fence', async () => {
  const seed = Number(process.env['NAMED_ROWS_SEED'] ?? 20_260_301);
  const random = new RandomWrites(database.metadata, Xoshiro128.fromSeed(seed));
  let succeeded = 0;
  for (let index = 0; index < 400; index++) {
    if (index % 10 === 0) await database.reset();
    const { model, operation, args } = random.next();
    const problems = await afterWrite([model, operation, args]);
    if (problems !== null) succeeded++;
    if (problems !== null && problems.length > 0)
      throw new Error(
        `Seed ${seed}, write ${index}: ${JSON.stringify([model, operation, args])}\n${problems.join('\n')}`,
      );
  }
  expect(succeeded).toBeGreaterThan(200);
}, 300_000);
