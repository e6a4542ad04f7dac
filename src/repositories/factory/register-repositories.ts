import { WiringError } from '../../errors.js';
import { type DependencyContainer, instanceCachingFactory } from '../container.js';
import type { CheckableRepository, RepositoryClass, RepositoryClasses } from './factory-types.js';
import { makeRepository, wantedRepositories } from './make-repository.js';
import { repositoryToken } from './tokens.js';

/**
 * Registers each repository under the token of its name and under its class, so that others can have it injected by
 * either, and get the one instance; so does who knows only the class that was replaced. What the application has registered under one of the two stands for both.
 */
export function registerRepositories(
  container: DependencyContainer,
  repositories: RepositoryClasses,
  replaced: RepositoryClasses,
): void {
  for (const [name, Class] of Object.entries(repositories)) {
    const token = repositoryToken(name);
    if (!container.isRegistered(token)) {
      if (container.isRegistered(Class)) container.register(token, { useToken: Class });
      else container.register(token, { useFactory: madeOnce(Class) });
    }
    for (const known of [Class, replaced[name]])
      if (known !== undefined && !container.isRegistered(known))
        container.register(known, { useToken: token });
  }
}

function madeOnce(Class: RepositoryClass): (container: DependencyContainer) => CheckableRepository {
  let making = false;
  return instanceCachingFactory((container) => {
    if (making) {
      throw new WiringError(
        `${Class.name} needs a repository that needs ${Class.name}: let one of the two be injected late, with ` +
          '@inject(delay(() => Other)).',
        { context: { class: Class.name } },
      );
    }
    making = true;
    // One that only others know, and not the factory, is made as its own are.
    for (const wanted of wantedRepositories(Class)) {
      if (!container.isRegistered(wanted, true)) container.register(wanted, { useFactory: madeOnce(wanted) });
    }
    try {
      return makeRepository(Class, container);
    } finally {
      making = false;
    }
  });
}
