import { collectAnnotations } from './annotations/collect-annotations.js';
import { readSettings } from './annotations/read-settings.js';
import { findClient } from './client-module.js';
import type { Dmmf } from './dmmf.js';
import { documentationOf } from './documentation.js';
import { indexModule } from './emit/index-module.js';
import { metadataModule } from './emit/metadata-module.js';
import { type RepositoryPlan, repositoryModule, repositoryPath } from './emit/repository-module.js';
import { GeneratorError, SchemaNotUsableError, type SchemaProblem } from './errors.js';
import type { GeneratorInput } from './generator-input.js';
import { lookupMethods } from './lookup-methods.js';
import { metadataFromDmmf } from './metadata-from-dmmf.js';
import type { GeneratedMetadata } from './metadata-types.js';
import { nameModels } from './naming.js';
import { OutputModules, outputOf } from './output-modules.js';
import { placeOf, scanSchema } from './schema-text/scan-schema.js';
import { readSchemaFiles, type SchemaFile } from './schema-text/schema-files.js';
import { type WrittenOutput, writeOutput } from './write-output.js';

/**
 * Writes metadata, repositories and a factory for a schema into the output folder of the `generator` block.
 *
 * @throws SchemaNotUsableError when annotations or names in the schema are wrong: all of them, with file and line
 * @throws GeneratorError when there is no client to stand on, or the folder holds files of somebody else
 */
export function generate(input: GeneratorInput): WrittenOutput {
  checkDatabase(input);
  const files = readSchemaFiles(input.schemaPath);
  const modules = new OutputModules(input.generator, findClient(input, files));
  return writeOutput(outputOf(input.generator), emit(input.dmmf, files, modules));
}

/** The content of every file, by its path in the output folder. The same schema gives the same bytes. */
function emit(dmmf: Dmmf, files: readonly SchemaFile[], modules: OutputModules): ReadonlyMap<string, string> {
  const metadata = metadataFromDmmf(dmmf);
  const plans = planRepositories(dmmf, metadata, files);
  return new Map([
    [
      'index.ts',
      indexModule(
        plans.map(({ names }) => names),
        modules,
      ),
    ],
    ['metadata.ts', metadataModule(metadata, modules)],
    ...plans.map((plan) => [`${repositoryPath(plan.names)}.ts`, repositoryModule(plan, modules)] as const),
  ]);
}

function planRepositories(
  dmmf: Dmmf,
  metadata: GeneratedMetadata,
  files: readonly SchemaFile[],
): readonly RepositoryPlan[] {
  const scanned = scanSchema(files);
  const found = collectAnnotations(scanned.comments);
  const { settings, problems: wrong } = readSettings(found.annotations, metadata);
  const models = Object.values(metadata.models);
  const naming = nameModels(models, scanned);
  const problems: SchemaProblem[] = [...found.problems, ...wrong, ...naming.problems];
  const documentation = documentationOf(dmmf);
  const plans = [...naming.names].flatMap(([name, names]) => {
    const model = metadata.models[name];
    if (model === undefined) return [];
    const own = settings.get(name) ?? {};
    const lookups = lookupMethods(model, own, placeOf(scanned, name));
    problems.push(...lookups.problems);
    return [
      { model, names, settings: own, lookups: lookups.methods, documentation: documentation.get(name) ?? [] },
    ];
  });
  if (problems.length > 0) throw new SchemaNotUsableError(problems);
  return plans;
}

function checkDatabase({ datasources }: GeneratorInput): void {
  const provider = datasources[0]?.activeProvider;
  if (provider === 'postgresql') return;
  throw new GeneratorError(
    `holdfast works with PostgreSQL, and the schema's datasource is "${provider ?? 'missing'}": expected provider = "postgresql".`,
    { context: { provider } },
  );
}
