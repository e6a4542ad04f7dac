import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generate } from '../../../src/generator/generate.js';
import { type BuiltPackage, buildPackage } from '../../support/generator/built-package.js';
import { CONSUMERS, CodeProject } from '../../support/generator/code-project.js';
import { parseSchema } from '../../support/generator/generate-from.js';
import { largeSchema } from '../../support/prisma/large-schema.js';

const MODELS = 220;

let built: BuiltPackage;
let project: CodeProject;

beforeAll(async () => {
  built = await buildPackage();
  project = await CodeProject.create(largeSchema(MODELS), { packageFolder: built.folder });
  await project.generated();
}, 180_000);

afterAll(async () => {
  await project?.remove();
  await built?.remove();
});

describe(`a schema of ${MODELS} models`, () => {
  test('has a repository for each, and its relations in the metadata', async () => {
    const files = await project.outputFiles();
    expect(Object.keys(files).filter((name) => name.startsWith('repositories/'))).toHaveLength(MODELS);
    const relations = (files['metadata.ts'] ?? '').match(/kind: 'relation'/g) ?? [];
    expect(relations.length).toBeGreaterThan(2 * MODELS);
  });

  test.each(['ES modules on Node', 'CommonJS, bundled'])(
    'compiles strictly for %s',
    async (name) => {
      await project.write('src/use.ts', USE);
      const settings = CONSUMERS[name];
      if (settings === undefined) throw new Error(`no ${name}`);
      expect(await project.compile(settings)).toEqual({ ok: true, output: '' });
    },
    120_000,
  );

  test('is generated in well under a second', async () => {
    const { input, remove } = await parseSchema(largeSchema(MODELS));
    try {
      generate(input);
      const startedAt = process.cpuUsage();
      generate(input);
      const { user, system } = process.cpuUsage(startedAt);
      expect((user + system) / 1000).toBeLessThan(1_000);
    } finally {
      await remove();
    }
  }, 120_000);
});

const USE = `\
import { repositoryFactory } from './holdfast/index.js';

export async function use(): Promise<number | undefined> {
  const thing = await repositoryFactory.getThing2Repository().findById({ tenantId: 1, number: 2 });
  // @ts-expect-error an id of two fields
  await repositoryFactory.getThing5Repository().findById(1);
  const other = await repositoryFactory.getThing219Repository().findByTitleAndCount('a', 1);
  const state: 'OPEN' | 'CLOSED' | 'STATE_219' | undefined = other?.state;
  return state === undefined ? thing?.number : other?.revision;
}
`;
