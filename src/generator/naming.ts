import type { SchemaProblem } from './errors.js';
import type { GeneratedModel } from './metadata-types.js';
import { placeOf, type ScannedSchema } from './schema-text/scan-schema.js';

/** What the generated code calls a model's things. */
export interface ModelNames {
  /** The property of the Prisma client, such as `userProfile`. */
  readonly delegate: string;
  /** The key in the factory, of which `getUserProfileRepository` is made. */
  readonly key: string;
  readonly className: string;
  readonly idType: string;
  /** Without the folder and the extension. */
  readonly fileName: string;
}

/**
 * Names for every model, and the models that cannot have any. `user_profile` becomes `UserProfileRepository`, since a key of
 * the factory is in camelCase; files are told apart where their names would be the same, as for `HTTPServer` and `HttpServer`.
 */
export function nameModels(
  models: readonly GeneratedModel[],
  schema: ScannedSchema,
): { readonly names: ReadonlyMap<string, ModelNames>; readonly problems: readonly SchemaProblem[] } {
  const names = new Map<string, ModelNames>();
  const problems: SchemaProblem[] = [];
  const taken = {
    delegates: new Map<string, string>(),
    keys: new Map<string, string>(),
    files: new Set<string>(),
  };
  for (const { name } of models) {
    const pascal = pascalCase(name);
    const delegate = lowerFirst(name);
    const key = lowerFirst(pascal);
    const place = placeOf(schema, name);
    const rename = 'Rename one of them; @@map keeps the name of its table.';
    const [sameDelegate, sameKey] = [taken.delegates.get(delegate), taken.keys.get(key)];
    taken.delegates.set(delegate, sameDelegate ?? name);
    taken.keys.set(key, sameKey ?? name);
    if (sameDelegate !== undefined) {
      problems.push({
        ...place,
        message: `${name}: Prisma's client calls it "${delegate}", and ${sameDelegate} as well. ${rename}`,
      });
    } else if (sameKey !== undefined) {
      problems.push({
        ...place,
        message: `${name}: its repository would be ${pascal}Repository, as that of ${sameKey}. ${rename}`,
      });
    }
    names.set(name, {
      delegate,
      key,
      className: `${pascal}Repository`,
      idType: `${pascal}Id`,
      fileName: freeFileName(`${kebabCase(name)}-repository`, taken.files),
    });
  }
  return { names, problems };
}

/** `user_profile` and `userProfile` as `UserProfile`; capitals inside stay. */
export function pascalCase(name: string): string {
  return name
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function kebabCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll(/_+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .toLowerCase();
}

function freeFileName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}-${number}`;
  taken.add(name);
  return name;
}
