const SCALARS = [
  'title String @default("") @db.VarChar(200)',
  'body String? @db.Text',
  'count Int @default(0)',
  'size BigInt @default(0)',
  'ratio Float?',
  'price Decimal @default(0) @db.Decimal(12, 4)',
  'active Boolean @default(true)',
  'data Json?',
  'blob Bytes?',
  'labels String[] @default([])',
  'code String @unique @default(uuid(7)) @db.Uuid /// @holdfast.lookup',
  'createdAt DateTime @default(now()) @map("created_at") @db.Timestamptz(3)',
  'updatedAt DateTime @updatedAt @db.Timestamptz(6)',
  'deletedAt DateTime? /// @holdfast.softDelete',
  'revision Int @default(0) /// @holdfast.version',
];

const ACTIONS = ['Cascade', 'SetNull', 'Restrict', 'NoAction', 'SetDefault'];

/**
 * A schema as large services have: this many models in three PostgreSQL schemas, each with fifteen columns, an enum of its
 * own, and on average two relations: to another model, among its own rows, and with a join table. Every third has an id of
 * two fields. Without generator blocks.
 */
export function largeSchema(models: number): string {
  const blocks = Array.from({ length: models }, (_, index) => [enumBlock(index), modelBlock(index, models)]);
  return [
    'datasource db {\n  provider = "postgresql"\n  schemas  = ["s0", "s1", "s2"]\n}',
    ...blocks.flat(),
  ].join('\n\n');
}

function enumBlock(index: number): string {
  const values = ['OPEN', 'CLOSED @map("closed")', `STATE_${index}`];
  return block('enum', `State${index}`, [...values, `@@map("state_${index}")`, schemaOf(index)]);
}

function modelBlock(index: number, models: number): string {
  const isCompound = index % 3 === 2;
  const lines = [
    ...(isCompound
      ? ['tenantId Int /// @holdfast.scope', 'number Int']
      : ['id Int @id @default(autoincrement())']),
    ...SCALARS,
    `state State${index} @default(OPEN)`,
    ...relationsOf(index, models),
    ...(isCompound ? ['@@id([tenantId, number])'] : []),
    '@@index([createdAt(sort: Desc)])',
    '@@unique([title, count])',
    `@@map("things_${index}")`,
    schemaOf(index),
  ];
  const comments = [
    `/// What is known of number ${index}.`,
    '/// @holdfast.ttl(300)',
    '/// @holdfast.lookup(title, count)',
  ];
  return [...comments, block('model', `Thing${index}`, lines)].join('\n');
}

/** Relations of a model with an id of one field; the others hold the keys of those before them. */
function relationsOf(index: number, models: number): string[] {
  const lines: string[] = [];
  const isCompound = (model: number) => model % 3 === 2;
  const [before, after] = [index - 1, index + 1];
  if (before >= 0 && !isCompound(before)) {
    const optional = ['SetNull', 'SetDefault'].includes(ACTIONS[index % ACTIONS.length] ?? '');
    lines.push(
      `beforeId Int${optional ? '?' : ''}`,
      `before Thing${before}${optional ? '?' : ''} @relation("R${index}", fields: [beforeId], references: [id], onDelete: ${ACTIONS[index % ACTIONS.length]})`,
    );
  }
  if (!isCompound(index)) {
    if (after < models) lines.push(`afters Thing${after}[] @relation("R${after}")`);
    lines.push(
      'parentId Int?',
      `parent Thing${index}? @relation("T${index}", fields: [parentId], references: [id])`,
    );
    lines.push(`children Thing${index}[] @relation("T${index}")`);
  }
  if (index % 3 === 0 && after < models) lines.push(`joined Thing${after}[] @relation("J${index}")`);
  if (index % 3 === 1) lines.push(`joining Thing${before}[] @relation("J${before}")`);
  return lines;
}

function schemaOf(index: number): string {
  return `@@schema("s${index % 3}")`;
}

function block(keyword: string, name: string, lines: readonly string[]): string {
  return `${keyword} ${name} {\n${lines.map((line) => `  ${line}\n`).join('')}}`;
}
