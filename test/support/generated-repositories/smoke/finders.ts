import type { Subject } from './subject.js';

/** A generated method that finds an entity by a unique key, such as `findByTeamIdAndSeat`. */
export interface Finder {
  readonly name: string;
  /** In the order of the method's parameters. */
  readonly parameters: readonly string[];
  /** In the order of the schema. */
  readonly key: readonly string[];
}

/**
 * The methods that the generator wrote for a model, which are all that its class has itself.
 *
 * @throws Error where the name of one is that of no unique key
 */
export function findersOf({ world, model }: Subject): readonly Finder[] {
  const written = Object.getOwnPropertyNames(Object.getPrototypeOf(world.here.repository(model.name)));
  return written
    .filter((name) => name !== 'constructor')
    .map((name) => {
      for (const key of model.uniques) {
        const parameters = permutations(key).find((fields) => methodName(fields) === name);
        if (parameters !== undefined) return { name, parameters, key };
      }
      throw new Error(`${model.name} has no unique key that ${name} could find by.`);
    });
}

function methodName(fields: readonly string[]): string {
  const parts = fields.map((field) =>
    field
      .split('_')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(''),
  );
  return `findBy${parts.join('And')}`;
}

function permutations(items: readonly string[]): readonly (readonly string[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((others) => [item, ...others]),
  );
}
