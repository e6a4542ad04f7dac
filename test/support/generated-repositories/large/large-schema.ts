import { type RandomSource, Xoshiro128 } from '../../../../scripts/support/random.js';
import { DraftModel, KEYS } from './draft-model.js';
import { longModels, namedModels } from './named-models.js';
import { Relations } from './relations.js';

const CHAIN = 30;
const MODELS = 152;
const RELATIONS = 330;
const COLUMNS = [
  ...[
    'String',
    'String?',
    'Int',
    'Int?',
    'Boolean',
    'DateTime',
    'DateTime?',
    'Json?',
    'Float?',
    'BigInt?',
    'Bytes?',
  ],
  ...[
    'Size',
    'Size?',
    'Decimal @db.Decimal(12, 4)',
    'String[]',
    'Int[]',
    'Size[]',
    'DateTime? @db.Timestamptz(6)',
  ],
];
const ACTIONS = ['Cascade', 'Restrict', 'NoAction'];

/** A schema that nobody wrote, and the models of its longest chain, in its order. */
export interface LargeSchema {
  readonly text: string;
  readonly relations: number;
  readonly chain: readonly string[];
}

/** Makes a schema of 152 models and 330 relations of all kinds; the same seed makes the same. */
export function largeSchema(seed: number): LargeSchema {
  const random = Xoshiro128.fromSeed(seed);
  const relations = new Relations();
  const chain = chainOf(relations, random);
  const models = [...chain, ...namedModels(relations), ...longModels(relations)];
  const first = models.length;
  const kinds = Object.values(KEYS);
  while (models.length < MODELS) {
    // So few rows have a key of an enum that nothing can hang on it.
    const key = pick(kinds, random);
    const model = new DraftModel(`Model${models.length}`, key === KEYS.kind ? KEYS.serial : key);
    models.push(columnsFor(model, random));
    if (random.next() < 0.15) model.field('goneAt DateTime? /// @holdfast.softDelete');
  }
  const kind = columnsFor(new DraftModel('OneOfEach', KEYS.kind), random);
  while (relations.count < RELATIONS) relate(models, first, relations, random);
  return {
    text: [HEAD, ...[...models, kind].map(({ text }) => text)].join('\n'),
    relations: relations.count,
    chain: chain.map(({ name }) => name),
  };
}

const HEAD = `datasource db {
  provider = "postgresql"
}

enum Size {
  small  @map("s")
  medium
  LARGE  @map("as large as can be")
  none

  @@map("size of things")
}
`;

/** Each needs the one before, and goes with it. */
function chainOf(relations: Relations, random: RandomSource): readonly DraftModel[] {
  const kinds = [KEYS.serial, KEYS.uuid, KEYS.pair, KEYS.bigSerial, KEYS.cuid];
  const chain: DraftModel[] = [];
  for (let number = 1; number <= CHAIN; number += 1) {
    const link = new DraftModel(`Link${number}`, kinds[number % kinds.length] ?? KEYS.serial);
    const before = chain.at(-1);
    if (before !== undefined) {
      relations.point(link, before, {
        onDelete: 'Cascade',
        onUpdate: 'Cascade',
        unique: number % 4 === 0,
        field: 'before',
        opposite: 'after',
      });
    }
    chain.push(columnsFor(link, random));
  }
  return chain;
}

function columnsFor(model: DraftModel, random: RandomSource): DraftModel {
  const count = 1 + random.nextInteger(6);
  for (let number = 1; number <= count; number += 1) {
    const map = random.next() < 0.4 ? `@map("the column ${number}")` : '';
    model.field(`column${number} ${pick(COLUMNS, random)} ${map}`);
  }
  // Where there is no primary key, it would take the place of a unique key of two columns.
  if (model.key !== KEYS.uniquePair && random.next() < 0.3)
    model.field('slug String @unique /// @holdfast.lookup');
  if (random.next() < 0.15) model.field('revision Int @default(0) /// @holdfast.version');
  if (random.next() < 0.2) model.comment(`@holdfast.ttl(${1 + random.nextInteger(600)})`);
  if (random.next() < 0.4) model.block(`@@map("the table of ${model.name}")`);
  return model;
}

/** One more relation; what must point somewhere points to a model before it, so that rows can be made one after another. */
function relate(
  models: readonly DraftModel[],
  first: number,
  relations: Relations,
  random: RandomSource,
): void {
  const position = first + random.nextInteger(models.length - first);
  const from = models[position] as DraftModel;
  const earlier = models[random.nextInteger(position)] as DraftModel;
  const any = models[random.nextInteger(models.length)] as DraftModel;
  const kind = random.next();
  if (kind < 0.35) {
    relations.point(from, earlier, { onDelete: pick(ACTIONS, random), unique: random.next() < 0.2 });
  } else if (kind < 0.7) {
    const onDelete = pick([...ACTIONS, 'SetNull'], random);
    relations.point(from, any, { optional: true, onDelete, unique: random.next() < 0.2 });
  } else if (kind < 0.85) {
    relations.point(from, from, { optional: true, onDelete: 'SetNull', unique: random.next() < 0.3 });
  } else if (from.canBeJoined && any.canBeJoined) relations.join(from, any);
}

function pick<T>(items: readonly T[], random: RandomSource): T {
  return items[random.nextInteger(items.length)] as T;
}
