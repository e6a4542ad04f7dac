/*
 * A fresh process that imports one thing and reads one row with it, and tells when each was done, in milliseconds since the
 * process began, and what memory it then took. Nothing else may be imported here: it would be on both sides, and make the
 * difference look smaller. Arguments: `prisma` or `holdfast`, then the id to read. The line of the result begins with `probe`.
 */
const [, , by, id] = process.argv;

const generatedUrl = new URL('../../../dist/esm/domain/generated/prisma/client.js', import.meta.url).href;
const domainUrl = new URL('../../../dist/esm/domain/index.js', import.meta.url).href;

const startedMs = performance.now();

/** Prisma as its documentation has it: the generated client, and the driver adapter with a connection string. */
async function withPrisma() {
  const { PrismaClient } = await import(generatedUrl);
  const { PrismaPg } = await import('@prisma/adapter-pg');
  const imported = standing();
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }),
  });
  const row = await prisma.user.findUnique({ where: { id } });
  return { row, imported, close: () => prisma.$disconnect() };
}

/** holdfast on the settings of the environment, with Redis among them. */
async function withHoldfast() {
  const { repositoryFactory } = await import(domainUrl);
  const imported = standing();
  await repositoryFactory.initialize();
  const row = await repositoryFactory.getUserRepository().findById(id);
  return { row, imported, close: () => repositoryFactory.shutdown() };
}

function standing() {
  return { atMs: performance.now(), rssBytes: process.memoryUsage.rss() };
}

const { row, imported, close } = await (by === 'holdfast' ? withHoldfast() : withPrisma());
const answered = standing();
if (row?.id !== id) throw new Error(`The row ${id} was asked for, and ${row?.id} came.`);
console.log(`probe ${JSON.stringify({ startedMs, imported, answered })}`);
await close();
