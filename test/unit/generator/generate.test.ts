import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { schemaFingerprint } from '../../../src/database/index.js';
import { GeneratorError } from '../../../src/generator/errors.js';
import { generate } from '../../../src/generator/generate.js';
import type { GeneratorBlock, GeneratorInput } from '../../../src/generator/generator-input.js';
import { metadataFromDmmf } from '../../../src/generator/metadata-from-dmmf.js';
import { type ParsedSchema, parseSchema } from '../../support/generator/generate-from.js';

const SCHEMA = `
datasource db {
  provider = "postgresql"
}

/// Who belongs where.
/// @holdfast.ttl(60) @holdfast.uncached(queries)
///
/// And since when: @holdfast.tag("team:{teamId}") a sentence around an annotation.
/// @holdfast.defaultOrder("since desc, seat")
/// @holdfast.maxPageSize(200)
/// @holdfast.lookup(badge, seat)
model membership_row {
  teamId  Int      /// @holdfast.scope
  seat    Int
  badge   String?
  since   DateTime @default(now())
  /// The address. @holdfast.lookup
  email   String?  @unique
  kind    Kind     @unique /// @holdfast.lookup
  goneAt  DateTime? /// @holdfast.softDelete
  counter Int      @default(0) /// @holdfast.version

  @@id([teamId, seat])
  @@unique([seat, badge], name: "worn")
}

model Team {
  code String @id
}

enum Kind {
  a
  b
}
`;

const REPOSITORY = `\
// holdfast-generator wrote repositories/membership-row-repository.ts from the Prisma schema. What is changed here is lost.
/* eslint-disable */
import { BaseRepository, type EntityOf, type RepositoryContext, type RepositoryOptions } from 'holdfast';
import type { PrismaClient } from '../../client/client.js';

type Delegate = PrismaClient['membership_row'];

/** What findById takes: the teamId and the seat of a membership_row. */
export type MembershipRowId = Pick<EntityOf<Delegate>, 'teamId' | 'seat'>;

/**
 * Who belongs where.
 *
 * And since when: a sentence around an annotation.
 */
export class MembershipRowRepository extends BaseRepository<Delegate, MembershipRowId> {
  constructor(context: RepositoryContext, options: Partial<RepositoryOptions> = {}) {
    super(context, {
      model: 'membership_row',
      ttlSeconds: 60,
      uncached: 'queries',
      tags: ['team:{teamId}'],
      defaultOrder: [{ since: 'desc' }, { seat: 'asc' }],
      maxPageSize: 200,
      scope: 'teamId',
      softDelete: 'goneAt',
      version: 'counter',
      ...options,
    });
  }

  /** The membership_row with this badge and seat, or null. */
  findByBadgeAndSeat(badge: string, seat: number): Promise<EntityOf<Delegate> | null> {
    return this.findByUnique('worn', { badge, seat });
  }

  /** The membership_row with this email, or null. */
  findByEmail(email: string): Promise<EntityOf<Delegate> | null> {
    return this.findByUnique('email', email);
  }

  /** The membership_row with this kind, or null. */
  findByKind(kind: EntityOf<Delegate>['kind']): Promise<EntityOf<Delegate> | null> {
    return this.findByUnique('kind', kind);
  }
}
`;

let schema: ParsedSchema;

beforeAll(async () => {
  schema = await parseSchema(SCHEMA);
});

afterEach(() => rm(schema.output, { recursive: true, force: true }));

afterAll(() => schema?.remove());

const outputFile = (name: string) => readFile(path.join(schema.output, name), 'utf8');

/** The input with another block in the place of holdfast's or the client's own. */
function withBlocks(
  holdfast: Partial<GeneratorBlock>,
  client: Partial<GeneratorBlock> | null = {},
): GeneratorInput {
  const { generator, otherGenerators } = schema.input;
  const [own] = otherGenerators;
  if (own === undefined) throw new Error('no client');
  return {
    ...schema.input,
    generator: { ...generator, ...holdfast },
    otherGenerators: client === null ? [] : [{ ...own, ...client }],
  };
}

/** Every module that the generated files import, by file. */
async function importsOf(
  input: GeneratorInput,
): Promise<Readonly<Record<string, readonly (string | undefined)[]>>> {
  generate(input);
  const names = ['index.ts', 'metadata.ts', 'repositories/team-repository.ts'];
  const texts = await Promise.all(names.map(outputFile));
  return Object.fromEntries(
    names.map((name, index) => {
      const modules = [...(texts[index] ?? '').matchAll(/ from '(.*)';$/gm)].map(([, module]) => module);
      return [name, [...new Set(modules)]];
    }),
  );
}

describe('what is generated', () => {
  test('has a repository as its annotations say', async () => {
    generate(schema.input);
    expect(await outputFile('repositories/membership-row-repository.ts')).toBe(REPOSITORY);
  });

  test('has the metadata, and its hash as the library computes it', async () => {
    generate(schema.input);
    const text = await outputFile('metadata.ts');
    const metadata = metadataFromDmmf(schema.input.dmmf);
    const written = /schemaMetadata: SchemaMetadata = (\{.*\});/s.exec(text)?.[1];
    expect(new Function(`return (${written});`)()).toEqual(metadata);
    expect(text).toContain(`export const schemaHash = '${schemaFingerprint(metadata)}';`);
  });

  test('has a factory with each repository under a name in camel case', async () => {
    generate(schema.input);
    expect(await outputFile('index.ts')).toContain(
      'export const repositories = {\n  team: TeamRepository,\n  membershipRow: MembershipRowRepository,\n} as const;\n',
    );
  });

  test('does not change with the order in which Prisma names models and enums', async () => {
    generate(schema.input);
    const before = await Promise.all(['index.ts', 'metadata.ts'].map(outputFile));
    const { datamodel, ...dmmf } = schema.input.dmmf;
    const { models, enums } = datamodel;
    const turned = { ...dmmf, datamodel: { models: [...models].reverse(), enums: [...enums].reverse() } };
    expect(generate({ ...schema.input, dmmf: turned }).written).toEqual([]);
    expect(await Promise.all(['index.ts', 'metadata.ts'].map(outputFile))).toEqual(before);
  });
});

describe('what is generated imports', () => {
  test('the library by its name, and files with .js', async () => {
    expect(await importsOf(schema.input)).toEqual({
      'index.ts': [
        'holdfast',
        '../client/client.js',
        './metadata.js',
        './repositories/team-repository.js',
        './repositories/membership-row-repository.js',
      ],
      'metadata.ts': ['holdfast'],
      'repositories/team-repository.ts': ['holdfast', '../../client/client.js'],
    });
  });

  test.each([
    ['', '../client/client', './metadata'],
    ['ts', '../client/client.ts', './metadata.ts'],
    ['mjs', '../client/client.mjs', './metadata.js'],
    ['mts', '../client/client.mts', './metadata.ts'],
  ])('files as the client does: importFileExtension = "%s"', async (importFileExtension, client, own) => {
    const { 'index.ts': modules } = await importsOf(withBlocks({}, { config: { importFileExtension } }));
    expect(modules?.slice(1, 3)).toEqual([client, own]);
  });

  test.each([
    ['mts', '../client/client.mjs'],
    ['cts', '../client/client.cjs'],
  ])(
    'the client by the name it will have compiled: generatedFileExtension = "%s"',
    async (generatedFileExtension, client) => {
      const { 'index.ts': modules } = await importsOf(withBlocks({}, { config: { generatedFileExtension } }));
      expect(modules?.slice(1, 3)).toEqual([client, './metadata.js']);
    },
  );

  test('its own files as its own block says, whatever the client does', async () => {
    const input = withBlocks(
      { config: { importFileExtension: 'js' } },
      { config: { importFileExtension: 'ts' } },
    );
    expect((await importsOf(input))['index.ts']?.slice(1, 3)).toEqual([
      '../client/client.ts',
      './metadata.js',
    ]);
  });

  test('the library from a file, whose path is relative to the schema', async () => {
    const imports = await importsOf(withBlocks({ config: { library: './lib/holdfast.js' } }));
    expect(imports['metadata.ts']).toEqual(['../lib/holdfast.js']);
    expect(imports['repositories/team-repository.ts']?.[0]).toBe('../../lib/holdfast.js');
  });

  test('the package of the client where prisma-client-js has no output of its own', async () => {
    const provider = { value: 'prisma-client-js' };
    const output = { value: '/somewhere/node_modules/@prisma/client' };
    const packaged = await importsOf(withBlocks({}, { provider, output, isCustomOutput: false }));
    expect(packaged['index.ts']?.slice(1, 3)).toEqual(['@prisma/client', './metadata.js']);
    const inFolder = await importsOf(withBlocks({}, { provider }));
    expect(inFolder['index.ts']?.slice(1, 3)).toEqual(['../client/index.js', './metadata.js']);
  });
});

describe('a client that does not run in the same call', () => {
  test.each([
    [
      'prisma-client',
      'output = "./elsewhere/db" // "x"\n  importFileExtension = "ts"',
      '../elsewhere/db/client.ts',
    ],
    ['prisma-client-js', 'output = "./elsewhere/db"', '../elsewhere/db/index.js'],
    ['prisma-client-js', '', '@prisma/client'],
  ])('is found in the schema: %s with %s', async (provider, lines, expected) => {
    const block = `generator other {\n  provider = "somebody"\n}\ngenerator db {\n  provider = "${provider}"\n  ${lines}\n}\n`;
    await writeFile(schema.input.schemaPath, SCHEMA + block);
    const imports = await importsOf(withBlocks({}, null));
    await writeFile(schema.input.schemaPath, SCHEMA);
    expect(imports['index.ts']?.[1]).toBe(expected);
  });
});

describe('nothing is generated', () => {
  const refused = (input: GeneratorInput, message: RegExp) => {
    expect(() => generate(input)).toThrow(GeneratorError);
    expect(() => generate(input)).toThrow(message);
    expect(existsSync(schema.output)).toBe(false);
  };

  test('without a client', () => {
    refused(withBlocks({}, null), /no generator with the provider "prisma-client" or "prisma-client-js"/);
  });

  test('into the folder of the client, or below it, which the client empties', () => {
    refused(withBlocks({}, { output: { value: schema.output } }), /lies in that of the Prisma client/);
    refused(withBlocks({}, { output: { value: path.dirname(schema.output) } }), /Put it beside it/);
  });

  test('for another database', () => {
    refused({ ...schema.input, datasources: [{ activeProvider: 'mysql' }] }, /PostgreSQL, .* is "mysql"/);
  });

  test('with an option that is not known, or a value that is none', () => {
    refused(withBlocks({ config: { libary: 'x' } }), /option "libary" that is not known/);
    refused(withBlocks({ config: { importFileExtension: 'cjs' } }), /expected "js", "ts" or ""/);
  });

  test('without an output', () => {
    refused(withBlocks({ output: null }), /needs an output/);
  });
});

test('a folder of several schema files is read to any depth', async () => {
  const folder = path.join(path.dirname(schema.input.schemaPath), 'many');
  await mkdir(path.join(folder, 'deep'), { recursive: true });
  const [before = '', after = ''] = SCHEMA.split('/// Who belongs');
  await writeFile(path.join(folder, 'a.prisma'), before);
  await writeFile(path.join(folder, 'deep/b.prisma'), `/// Who belongs${after}`);
  generate({ ...schema.input, schemaPath: folder });
  expect(await outputFile('repositories/membership-row-repository.ts')).toBe(REPOSITORY);
});
