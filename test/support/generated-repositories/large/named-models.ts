import { DraftModel, KEYS } from './draft-model.js';
import type { Relations } from './relations.js';

/** Words of SQL; names that JavaScript, TypeScript or its library have; names that holdfast has. */
const MODELS = words(
  'User Order Group Table Select Default Check Column Primary References Analyze',
  'Type Function Class Import Object Array Promise Record Map Error Symbol Number Date Buffer Readonly Partial Null',
  'Undefined constructor toString then',
  'Base Repository Factory ReadOnly Index Metadata Schema',
);
const TEXTS = words(
  'select include where default type prototype then toJSON await class this null undefined arguments function orderBy',
);
const NUMBERS = words('count length in set increment take skip equals version model id_');
const DOCUMENTS = words('data create connect having cursor update is some args');
const UNIQUE = words('constructor toString hasOwnProperty valueOf');
const RELATIONS = words('by every none delete disconnect upsert query omit');

/** Models and fields that are called what means something elsewhere. */
export function namedModels(relations: Relations): readonly DraftModel[] {
  const kinds = [KEYS.serial, KEYS.uuid, KEYS.natural, KEYS.given];
  const models = MODELS.map((name, index) =>
    new DraftModel(name, kinds[index % kinds.length] ?? KEYS.serial)
      .field(
        index % 2 === 0 ? `${TEXTS[index % TEXTS.length]} String?` : `${NUMBERS[index % NUMBERS.length]} Int`,
      )
      .block(`@@map("${name === 'ReadOnly' ? 'read only' : name.toLowerCase()}")`),
  );
  const words = new DraftModel('Word', KEYS.serial).block('@@map("All words, it is said")');
  for (const name of TEXTS) words.field(`${name} String @default("${name}") @map("${name} ")`);
  for (const name of UNIQUE) words.field(`${name} Int? @unique /// @holdfast.lookup`);
  for (const name of NUMBERS) words.field(`${name} Int?`);
  for (const name of DOCUMENTS) words.field(`${name} Json?`);
  RELATIONS.forEach((field, index) => {
    const to = models[index];
    if (to !== undefined)
      relations.point(words, to, { field, opposite: `${field}Of`, optional: index % 2 === 0 });
  });
  return [...models, words];
}

const LETTERS = 'AnIdentifierThatIsExactlyAsLongAsPostgreSQLLetsItBeSixtyThreeB';

/** Names of 63 bytes, where PostgreSQL cuts what is longer. */
export function longModels(relations: Relations): readonly DraftModel[] {
  const models = [KEYS.natural, KEYS.pair, KEYS.uuid, KEYS.serial].map((key, index) => {
    const field = `${LETTERS.charAt(0).toLowerCase()}${LETTERS.slice(1)}${index}`;
    return new DraftModel(`${LETTERS}${index}`, key)
      .field(`${field} String? @map("${'ä'.repeat(31)}${index}")`)
      .field(`${field.slice(0, 60)}Xy Int @unique @map("${'column '.repeat(9).slice(0, 62)}${index}")`)
      .block(`@@map("${index}${'表'.repeat(20)}ab")`);
  });
  const [natural, pair, uuid, serial] = models;
  if (natural && pair && uuid && serial) {
    relations.point(pair, natural, { field: `${LETTERS.slice(0, 50)}`.toLowerCase(), onDelete: 'Cascade' });
    relations.point(natural, pair, { optional: true, onDelete: 'SetNull' });
    relations.join(uuid, serial, `${LETTERS}`);
  }
  return models;
}

function words(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '));
}
