import path from 'node:path';
import { GeneratorError } from './errors.js';
import type { GeneratorBlock, GeneratorInput } from './generator-input.js';
import { generatorBlocksIn } from './schema-text/generator-blocks.js';
import type { SchemaFile } from './schema-text/schema-files.js';

/** Where the generated Prisma client is imported from. */
export interface ClientModule {
  /** A package's name, or the absolute path of a module without its extension. */
  readonly module: string;
  /** What follows the path of a module in an import, such as `.js`. */
  readonly extension: string;
}

/**
 * Finds the module with `PrismaClient` among the generators that run with this one. `prisma generate --generator holdfast`
 * runs this one alone; the client is then found in the text of the schema.
 *
 * @throws GeneratorError when the schema generates no client, or one that would delete what is written here
 */
export function findClient(input: GeneratorInput, files: readonly SchemaFile[]): ClientModule {
  const running = input.otherGenerators.filter(isClient);
  const [client] = running.length > 0 ? running : generatorBlocksIn(files).filter(isClient);
  if (client === undefined) {
    throw new GeneratorError(
      'The schema has no generator with the provider "prisma-client" or "prisma-client-js", and repositories stand on the ' +
        'client that it makes. Add one: generator client { provider = "prisma-client", output = "../src/generated/prisma" }.',
      { context: { schema: input.schemaPath } },
    );
  }
  const output = client.output?.value ?? null;
  if (client.provider.value === 'prisma-client') {
    if (output === null) throw new GeneratorError(`The generator ${client.name} needs an output.`);
    checkApart(input.generator, output);
    return { module: path.join(output, 'client'), extension: extensionOf(client) };
  }
  // Without an output of its own it makes the package itself.
  if (output === null || client.isCustomOutput !== true)
    return { module: '@prisma/client', extension: '.js' };
  // A folder is imported through its package.json by CommonJS alone.
  return { module: path.join(output, 'index'), extension: '.js' };
}

function isClient({ provider }: GeneratorBlock): boolean {
  return provider.value === 'prisma-client' || provider.value === 'prisma-client-js';
}

/** `prisma-client` deletes every TypeScript file below its output before it writes. */
function checkApart({ output }: GeneratorBlock, client: string): void {
  const own = output?.value ?? '';
  const relative = path.relative(client, own);
  if (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return;
  throw new GeneratorError(
    `The output of holdfast, ${own}, lies in that of the Prisma client, which deletes all that is there. Put it beside it.`,
    { context: { output: own, client } },
  );
}

/** What Prisma takes where `importFileExtension` is not given: the name that a file will have when it is compiled. */
const COMPILED: Readonly<Record<string, string>> = { mts: 'mjs', cts: 'cjs' };

function extensionOf({ config }: GeneratorBlock): string {
  const { importFileExtension, generatedFileExtension } = config;
  const extension = importFileExtension ?? COMPILED[String(generatedFileExtension)] ?? 'js';
  return extension === '' ? '' : `.${extension}`;
}
