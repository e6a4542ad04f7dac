import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run, say } from './run.mjs';
import { SetupError } from './setup-error.mjs';

const OUTPUTS = ['prisma/client.ts', 'holdfast/index.ts'].map((file) =>
  path.join(root, 'src/domain/generated', file),
);
const STAMP = path.join(root, '.holdfast/generated');

/**
 * Generates the Prisma client of the reference domain, and its metadata and repositories, unless they were generated from
 * the same things before.
 */
export function generate() {
  const fingerprint = fingerprintOfInputs();
  const isThere = OUTPUTS.every((file) => existsSync(file));
  if (isThere && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint) return;
  say('generating the Prisma client and the repositories from prisma/schema.prisma');
  const { ok, output } = run(process.execPath, [prismaCommand(), 'generate', '--no-hints'], {
    // No question to the network for newer versions.
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  });
  if (!ok)
    throw new SetupError(
      `${output}\n\nThe code for the schema could not be generated: \`prisma generate\` said the above.`,
    );
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, fingerprint);
}

function fingerprintOfInputs() {
  const hash = createHash('sha256');
  for (const file of ['prisma/schema.prisma', 'prisma.config.ts', ...generatorFiles()])
    hash.update(readFileSync(path.join(root, file)));
  return hash.update(prismaPackage().version).digest('hex');
}

/** The repositories come from a generator that is itself part of this repository. */
function generatorFiles() {
  return readdirSync(path.join(root, 'src/generator'), { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => path.join('src/generator', file));
}

function prismaCommand() {
  return path.join(root, 'node_modules/prisma', prismaPackage().bin.prisma);
}

function prismaPackage() {
  return JSON.parse(readFileSync(path.join(root, 'node_modules/prisma/package.json'), 'utf8'));
}
