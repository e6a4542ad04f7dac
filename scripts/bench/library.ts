import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Domain from '../../src/domain/index.js';
import type * as Index from '../../src/index.js';

/*
 * The measured library: the built package, as an application loads it. Run from source, tsx would wrap its functions, and
 * the figures would be of tsx as well. The types are of the source, so that the compiler needs no build.
 */
const built = (file: string): string => new URL(`../../dist/esm/${file}`, import.meta.url).href;

/** What the package is imported by, for a process that measures the import itself. */
export const libraryUrl = { index: built('index.js'), domain: built('domain/index.js') } as const;

if (!existsSync(fileURLToPath(libraryUrl.index)))
  throw new Error('The package is not built, and the built one is measured. Run `npm run build`.');

const index = (await import(libraryUrl.index)) as typeof Index;
const domain = (await import(libraryUrl.domain)) as typeof Domain;

export const { loadConfig, silentLogger } = index;
export const { DomainRepositoryFactory, PrismaClient } = domain;
export type DomainRepositoryFactory = Domain.DomainRepositoryFactory;
export type PrismaClient = Domain.PrismaClient;
export type User = Domain.User;
