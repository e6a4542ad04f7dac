import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { CodeProject } from '../../support/generator/code-project.js';

const DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n';

let project: CodeProject | undefined;

afterEach(async () => {
  await project?.remove();
  project = undefined;
});

/** A path of the project as a message shows it: relative to where the command runs. */
const shown = (file: string) =>
  path.relative(process.cwd(), path.join(project?.folder ?? '', 'prisma', file));

describe('prisma generate', () => {
  test('fails over wrong annotations, and names the file and the line of each', async () => {
    project = await CodeProject.create({
      'base.prisma': DATASOURCE,
      'models/team.prisma': '/// @holdfast.tll(5)\nmodel Team {\n  id Int @id\n}\n',
      'models/person.prisma': 'model Person {\n  id   Int @id\n  name String /// @holdfast.lookup\n}\n',
    });
    const { ok, output } = await project.generate();
    expect(ok).toBe(false);
    expect(output).toContain(
      [
        'holdfast cannot use the Prisma schema:',
        `  ${shown('models/person.prisma')}:3:19 @holdfast.lookup: name is not unique by itself.`,
      ].join('\n'),
    );
    expect(output).toContain(
      `\n  ${shown('models/team.prisma')}:1:5 @holdfast.tll(5): there is no such annotation.`,
    );
    // A user's mistake has no stack.
    expect(output).not.toMatch(/\n\s+at /);
    expect(existsSync(project.output())).toBe(false);
  }, 120_000);

  test('fails where a file is in the way, and leaves it', async () => {
    project = await CodeProject.create(`${DATASOURCE}model Team {\n  id Int @id\n}\n`);
    await project.write('src/holdfast/index.ts', 'export const mine = 1;\n');
    const { ok, output } = await project.generate();
    expect(ok).toBe(false);
    expect(output).toContain('These files are in the way');
    expect(await project.outputFiles()).toEqual({ 'index.ts': 'export const mine = 1;\n' });
  }, 120_000);

  test('writes code for a schema of enums and views alone', async () => {
    project = await CodeProject.create(`${DATASOURCE}view Total {\n  rows Int\n}\nenum Lone {\n  only\n}\n`);
    await project.generated();
    const files = await project.outputFiles();
    expect(files['repositories/total-repository.ts']).toContain(
      'extends ReadOnlyRepository<Delegate, TotalId>',
    );
  }, 120_000);

  test('says what it generated, by name', async () => {
    project = await CodeProject.create(`${DATASOURCE}model Team {\n  id Int @id\n}\n`);
    const { output } = await project.generate();
    expect(output).toMatch(/Generated holdfast repositories to .*src\/holdfast in \d+m?s/);
  }, 120_000);
});
