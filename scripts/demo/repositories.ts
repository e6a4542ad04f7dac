import type { DomainRepositoryFactory } from '../../src/domain/index.js';

/** A factory of the reference domain. */
export type Factory = InstanceType<typeof DomainRepositoryFactory>;

/** The three repositories of the reference domain, from one factory. */
export interface Repositories {
  readonly users: ReturnType<Factory['getUserRepository']>;
  readonly projects: ReturnType<Factory['getProjectRepository']>;
  readonly jobs: ReturnType<Factory['getConversionJobRepository']>;
}

export function repositoriesOf(factory: Factory): Repositories {
  return {
    users: factory.getUserRepository(),
    projects: factory.getProjectRepository(),
    jobs: factory.getConversionJobRepository(),
  };
}
