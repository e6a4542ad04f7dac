import type { ModelSettings } from '../annotations/model-settings.js';
import type { LookupMethod } from '../lookup-methods.js';
import type { GeneratedModel } from '../metadata-types.js';
import type { ModelNames } from '../naming.js';
import type { OutputModules } from '../output-modules.js';
import { fits, type Literal, literalWithin, property, quoted } from './literal.js';
import { docComment, from, head } from './parts.js';

/** All that a repository is made of. */
export interface RepositoryPlan {
  readonly model: GeneratedModel;
  readonly names: ModelNames;
  readonly settings: ModelSettings;
  readonly lookups: readonly LookupMethod[];
  /** What the schema says of the model, line by line, without annotations. */
  readonly documentation: readonly string[];
}

/** Where the file of a repository lies below the output folder, without its extension. */
export function repositoryPath({ fileName }: ModelNames): string {
  return `repositories/${fileName}`;
}

/** The file with the repository of one model. */
export function repositoryModule(plan: RepositoryPlan, modules: OutputModules): string {
  const { model, names, lookups, documentation } = plan;
  const file = `${repositoryPath(names)}.ts`;
  const base = model.readOnly ? 'ReadOnlyRepository' : 'BaseRepository';
  // A model that is called Base has a repository that is called as its base class is.
  const parent = names.className === base ? `Holdfast${base}` : base;
  const needsEntity = model.id.length > 0 || lookups.length > 0;
  return [
    head(file),
    from(
      'import',
      [
        parent === base ? base : `${base} as ${parent}`,
        ...(needsEntity ? ['type EntityOf'] : []),
        'type RepositoryContext',
        'type RepositoryOptions',
      ],
      modules.library(file),
    ),
    from('import type', ['PrismaClient'], modules.client(file)),
    '\n',
    `type Delegate = PrismaClient['${names.delegate}'];\n`,
    '\n',
    docComment([idSentence(model)]),
    typeAlias(names.idType, idType(model)),
    '\n',
    docComment(documentation.length > 0 ? documentation : [defaultDocumentation(model)]),
    classHead(names, parent),
    constructorOf(plan),
    ...lookups.map((lookup) => `\n${methodOf(lookup, model)}`),
    '}\n',
  ].join('');
}

function defaultDocumentation({ name, readOnly }: GeneratedModel): string {
  return readOnly ? `The rows of the view ${name}.` : `The entities of the model ${name}.`;
}

function idSentence({ name, id, readOnly }: GeneratedModel): string {
  if (id.length > 0) return `What findById takes: the ${id.join(' and the ')} of a ${name}.`;
  return `Nothing finds one row: the ${readOnly ? 'view' : 'model'} ${name} has no unique key.`;
}

function idType({ id }: GeneratedModel): string {
  const [only] = id;
  if (only === undefined) return 'never';
  if (id.length === 1) return `EntityOf<Delegate>['${only}']`;
  return `Pick<EntityOf<Delegate>, ${id.map(quoted).join(' | ')}>`;
}

function typeAlias(name: string, type: string): string {
  const line = `export type ${name} = ${type};`;
  if (fits(line)) return `${line}\n`;
  const [, parts] = /^Pick<EntityOf<Delegate>, (.*)>$/.exec(type) ?? [];
  if (parts === undefined) return `export type ${name} =\n  ${type};\n`;
  const inLine = fits(`  ${parts}`)
    ? `  ${parts}`
    : parts
        .split(' | ')
        .map((part) => `  | ${part}`)
        .join('\n');
  return `export type ${name} = Pick<\n  EntityOf<Delegate>,\n${inLine}\n>;\n`;
}

function classHead({ className, idType: id }: ModelNames, parent: string): string {
  const line = `export class ${className} extends ${parent}<Delegate, ${id}> {`;
  if (fits(line)) return `${line}\n`;
  return `export class ${className} extends ${parent}<\n  Delegate,\n  ${id}\n> {\n`;
}

function constructorOf({ model, settings }: RepositoryPlan): string {
  const { lookups: _methods, ...options } = settings;
  const given: { readonly [key: string]: Literal | undefined } = { model: model.name, ...options };
  const inLine = literalWithin(Number.POSITIVE_INFINITY, given)?.replace(/ \}$/, ', ...options });');
  const line = `    super(context, ${inLine}`;
  const lines = Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [`      ${property(key, value, '      ')},\n`],
  );
  return [
    '  constructor(context: RepositoryContext, options: Partial<RepositoryOptions> = {}) {\n',
    inLine !== undefined && fits(line)
      ? `${line}\n`
      : `    super(context, {\n${lines.join('')}      ...options,\n    });\n`,
    '  }\n',
  ].join('');
}

function methodOf({ name, key, isCompound, parameters }: LookupMethod, model: GeneratedModel): string {
  const fields = parameters.map(({ field }) => field);
  const named = parameters.map(({ field }) => ({ field, name: variableName(field, fields) }));
  const typed = parameters.map(({ type }, index) => `${named[index]?.name}: ${type}`);
  const properties = named.map((one) => (one.field === one.name ? one.field : `${one.field}: ${one.name}`));
  const call = (value: string) => `    return this.findByUnique(${quoted(key)}, ${value});\n`;
  const inLine = call(isCompound ? `{ ${properties.join(', ')} }` : (named[0]?.name ?? ''));
  const inLines = isCompound
    ? call(`{\n${properties.map((one) => `      ${one},\n`).join('')}    }`)
    : `    return this.findByUnique(\n      ${quoted(key)},\n      ${named[0]?.name},\n    );\n`;
  const returns = 'Promise<EntityOf<Delegate> | null>';
  const line = `  ${name}(${typed.join(', ')}): ${returns} {`;
  return [
    docComment([`The ${model.name} with this ${fields.join(' and ')}, or null.`], '  '),
    fits(line)
      ? `${line}\n`
      : `  ${name}(\n${typed.map((one) => `    ${one},\n`).join('')}  ): ${returns} {\n`,
    fits(inLine.trimEnd()) ? inLine : inLines,
    '  }\n',
  ].join('');
}

const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for function if implements import in instanceof interface let new null package private protected public return ' +
    'static super switch this throw true try typeof var void while with yield'
  ).split(' '),
);

/** A field's name as that of a variable, which a few words cannot be. */
function variableName(field: string, others: readonly string[]): string {
  let name = RESERVED.has(field) ? `${field}Value` : field;
  while (name !== field && others.includes(name)) name = `${name}_`;
  return name;
}
