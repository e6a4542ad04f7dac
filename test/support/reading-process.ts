/*
 * A process of a service for the tests of what several do together: reads one row with many readers when told, and says
 * how many statements it sent meanwhile. Run with the servers as its argument.
 */
import { type DomainServers, domainFactory } from './domain.js';
import { servesInTime } from './patience.js';

const servers = JSON.parse(process.argv[2] ?? '') as DomainServers;
const factory = domainFactory(servers);
await factory.initialize();
const serving = await servesInTime(factory.cache);

/** Half of the readers begin at once, the others one after another. */
async function read(id: string, readers: number): Promise<{ sql: number; names: string[] }> {
  const before = factory.pool.getPoolStatistics().queryCount;
  const names = new Set<string>();
  const one = async (): Promise<void> => {
    names.add((await factory.getProjectRepository().findById(id))?.name ?? '');
  };
  const reads: Promise<void>[] = [];
  for (let n = 0; n < readers; n += 1) {
    reads.push(one());
    if (n > readers / 2) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(reads);
  return { sql: factory.pool.getPoolStatistics().queryCount - before, names: [...names] };
}

process.on('message', ({ id, readers }: { id: string; readers: number }) => {
  read(id, readers).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ sql: Number.NaN, names: [String(error)] }),
  );
});
process.on('disconnect', () => void factory.shutdown());
process.send?.({ serving });
