import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Example, sourceOf } from './examples.js';
import type { Problem } from './pages.js';
import { type Ended, runNode } from './run-program.js';
import type { Workspace } from './workspace.js';

const TIMEOUT_MS = 60_000;
const GENERATED_CLIENT = 'generated/prisma/client';
const DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n';

/** Whether Prisma accepts a schema, or the part of one that has no datasource. */
export async function checkSchema(workspace: Workspace, example: Example): Promise<Problem[]> {
  const file = path.join(workspace.pageFolder(example.page), `example-${example.line}.prisma`);
  return problemsOf(example, await prisma(workspace, 'validate', example, file), file);
}

/** The file in which the schema of a page lies. */
export function schemaFile(workspace: Workspace, schema: Example): string {
  return path.join(workspace.pageFolder(schema.page), schema.file ?? 'prisma/schema.prisma');
}

/**
 * Makes the Prisma client that the examples of a page import: by the generators of the page's own schema, or else that of
 * the reference domain, as `generated/prisma`.
 */
export async function provideClient(
  workspace: Workspace,
  page: string,
  schema: Example | undefined,
): Promise<Problem[]> {
  if (schema !== undefined) {
    await provideGenerator(workspace);
    const file = schemaFile(workspace, schema);
    return problemsOf(schema, await prisma(workspace, 'generate', schema, file), file);
  }
  const file = path.join(workspace.pageFolder(page), `${GENERATED_CLIENT}.ts`);
  const original = path.join(workspace.root, 'src/domain', GENERATED_CLIENT);
  const specifier = path.relative(path.dirname(file), original).split(path.sep).join('/');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `export * from '${specifier}.js';\n`);
  return [];
}

async function prisma(
  workspace: Workspace,
  command: 'validate' | 'generate',
  example: Example,
  file: string,
): Promise<Ended> {
  const { text } = sourceOf(example);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, /^\s*datasource\s/m.test(text) ? text : `${text}\n${DATASOURCE}`);
  const cli = path.join(workspace.root, 'node_modules/prisma/build/index.js');
  return runNode([cli, command, '--schema', file], {
    cwd: workspace.pageFolder(example.page),
    environment: {
      ...process.env,
      NO_COLOR: '1',
      PATH: [binFolder(workspace), process.env['PATH']].join(path.delimiter),
      // Neither command runs the engine, and both would look for it; see prisma.config.ts.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
    timeoutMs: TIMEOUT_MS,
  });
}

/** Prisma's messages say `-->  file:line`. */
function problemsOf(example: Example, ended: Ended, file: string): Problem[] {
  if (ended.exitCode === 0) return [];
  const text = `${ended.output}\n${ended.errors}`;
  const line = Number(new RegExp(`${path.basename(file)}:(\\d+)`).exec(text)?.[1] ?? 1);
  return [
    { file: example.page, line: sourceOf(example).pageLine(line), message: `Prisma says: ${text.trim()}` },
  ];
}

function binFolder(workspace: Workspace): string {
  return path.join(workspace.folder, 'bin');
}

/** `holdfast-generator`, as the installed package would bring it. */
async function provideGenerator(workspace: Workspace): Promise<void> {
  const file = path.join(binFolder(workspace), 'holdfast-generator');
  const tsx = path.join(workspace.root, 'node_modules/tsx/dist/loader.mjs');
  const generator = path.join(workspace.root, 'src/generator/bin.ts');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" --import "file://${tsx}" "${generator}"\n`);
  await chmod(file, 0o755);
}
