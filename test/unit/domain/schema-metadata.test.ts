import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { SchemaMetadata } from '../../../src/database/index.js';
import { schemaMetadata } from '../../../src/domain/schema-metadata.js';
import { metadataFromDmmf } from '../../../src/generator/metadata-from-dmmf.js';
import { generateClient, schemaWithoutGenerators } from '../../support/prisma/generated-client.js';

const SCHEMA = fileURLToPath(new URL('../../../prisma/schema.prisma', import.meta.url));

test('the metadata of the reference domain says what Prisma makes of its schema', async () => {
  const { dmmf, remove } = await generateClient(await schemaWithoutGenerators(SCHEMA), { client: false });
  await remove();
  const fromPrisma: SchemaMetadata = metadataFromDmmf(dmmf);
  expect(schemaMetadata).toEqual(fromPrisma);
});
