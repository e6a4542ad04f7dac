import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run, say } from './run.mjs';
import { SetupError } from './setup-error.mjs';

const OUTPUT = path.join(root, 'src/domain/generated/prisma/client.ts');
const STAMP = path.join(root, '.holdfast/generated');

/** Generates the Prisma client of the reference domain, unless it was generated from the same things before. */
export function generate() {
  const fingerprint = fingerprintOfInputs();
  if (existsSync(OUTPUT) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint) return;
  say('generating the Prisma client from prisma/schema.prisma');
  const { ok, output } = run(process.execPath, [prismaCommand(), 'generate', '--no-hints'], {
    // No question to the network for newer versions.
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  });
  if (!ok)
    throw new SetupError(
      `${output}\n\nThe Prisma client could not be generated: \`prisma generate\` said the above.`,
    );
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, fingerprint);
}

function fingerprintOfInputs() {
  const hash = createHash('sha256');
  for (const file of ['prisma/schema.prisma', 'prisma.config.ts'])
    hash.update(readFileSync(path.join(root, file)));
  return hash.update(prismaPackage().version).digest('hex');
}

function prismaCommand() {
  return path.join(root, 'node_modules/prisma', prismaPackage().bin.prisma);
}

function prismaPackage() {
  return JSON.parse(readFileSync(path.join(root, 'node_modules/prisma/package.json'), 'utf8'));
}
