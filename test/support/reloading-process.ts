/*
 * A process in which a module that has a factory is evaluated again and again, as dev servers do it: as ESM under another
 * query, and as CommonJS, where all of holdfast is evaluated with it. For the tests of shared connections. The settings
 * are in the environment. Answers each message, the words of a command, with what became of it.
 */
import { createRequire } from 'node:module';
import type * as Domain from '../../src/domain/index.js';
import { servesInTime } from './patience.js';

const require = createRequire(import.meta.url);
const MODULE = '../../src/domain/index.ts';
/** The factories of all evaluations, and one that shares with none. */
const factories: Domain.DomainRepositoryFactory[] = [];

async function evaluate(as: string): Promise<Domain.DomainRepositoryFactory> {
  if (as === 'cjs') {
    for (const path of Object.keys(require.cache)) if (path.includes('/src/')) delete require.cache[path];
    return (require(MODULE) as typeof Domain).repositoryFactory;
  }
  const module = (await import(`${MODULE}?v=${factories.length}`)) as typeof Domain;
  return as === 'new' ? new module.DomainRepositoryFactory() : module.repositoryFactory;
}

const factory = (index: string | undefined): Domain.DomainRepositoryFactory =>
  factories[Number(index)] as Domain.DomainRepositoryFactory;

const commands: Readonly<Record<string, (...args: string[]) => Promise<unknown>>> = {
  async evaluate(as = 'esm') {
    factories.push(await evaluate(as));
    return factories.length - 1;
  },
  async use(index) {
    const used = factory(index);
    await used.initialize();
    // Enough at once to open every connection that there may be.
    await Promise.all(Array.from({ length: 20 }, () => used.pool.query('SELECT pg_sleep(0.01)')));
    return servesInTime(used.cache);
  },
  async create(index, name = '') {
    const data = { githubId: name, email: name, username: name };
    return (await factory(index).getUserRepository().create(data)).id;
  },
  async read(index, id = '') {
    return (await factory(index).getUserRepository().findById(id))?.username ?? null;
  },
  /** In a transaction that a client of Prisma's began, joined by a repository. */
  async rename(index, id = '', name = '') {
    const { prisma } = factory(index);
    return prisma.$transaction(async (tx) => {
      await factory(index).getUserRepository().update(id, { username: name });
      return (await tx.user.findUniqueOrThrow({ where: { id } })).username;
    });
  },
  /** Whether two have the same pool, cache and repository. */
  async compare(one, two) {
    const [a, b] = [factory(one), factory(two)];
    return [a.pool === b.pool, a.cache === b.cache, a.getUserRepository() === b.getUserRepository()];
  },
  async health(index) {
    return (await factory(index).healthCheck()).status;
  },
  async shutdown(index) {
    await factory(index).shutdown();
    return null;
  },
  async set(variable = '', value = '') {
    process.env[variable] = value;
    return null;
  },
};

process.on('message', ([command = '', ...args]: readonly string[]) => {
  commands[command]?.(...args).then(
    (value) => process.send?.({ value }),
    (error: { code?: unknown; message?: unknown }) => process.send?.({ code: error.code ?? error.message }),
  );
});
process.on('disconnect', async () => {
  for (const each of factories) await each.shutdown();
});
