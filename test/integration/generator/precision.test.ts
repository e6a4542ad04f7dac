import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SchemaEngine } from '../../../scripts/support/schema-engine.js';
import { metadataFromDmmf } from '../../../src/generator/metadata-from-dmmf.js';
import { type GeneratedClient, generateClient } from '../../support/prisma/generated-client.js';
import { createDatabase, type TestDatabase } from '../../support/servers.js';
import { runSql } from '../../support/sql.js';

const NATIVE_TYPES = ['', ...['Timestamp', 'Timestamptz', 'Time', 'Timetz'].flatMap(withDigits), '@db.Date'];

const SCHEMA = `
datasource db {
  provider = "postgresql"
}

model Times {
  id Int @id
${NATIVE_TYPES.map((native, index) => `  field${index} DateTime ${native}\n`).join('')}
}
`;

function withDigits(type: string): readonly string[] {
  return [`@db.${type}`, ...[0, 3, 6].map((digits) => `@db.${type}(${digits})`)];
}

let generated: GeneratedClient;
let database: TestDatabase;

beforeAll(async () => {
  generated = await generateClient(SCHEMA, { client: false });
  database = await createDatabase({ migrated: false });
  const engine = await SchemaEngine.open(database.url, generated.schemaFile);
  const sql = await engine.completeSql();
  await engine.close();
  await runSql(database.url, sql);
}, 120_000);

afterAll(() => Promise.all([generated?.remove(), database?.drop()]));

test("the metadata says of each DateTime how many digits the column has that Prisma's migration makes", async () => {
  const rows = await runSql<{ column_name: string; datetime_precision: number }>(
    database.url,
    `SELECT column_name, datetime_precision FROM information_schema.columns
     WHERE table_name = 'Times' AND column_name <> 'id'`,
  );
  const inDatabase = Object.fromEntries(rows.map((row) => [row.column_name, row.datetime_precision]));
  const fields = Object.entries(metadataFromDmmf(generated.dmmf).models['Times']?.fields ?? {});
  const inMetadata = fields.map(([name, field]) => [
    name,
    'precision' in field ? field.precision : undefined,
  ]);
  expect(Object.fromEntries(inMetadata.filter(([name]) => name !== 'id'))).toEqual(inDatabase);
  expect(rows).toHaveLength(NATIVE_TYPES.length);
});
