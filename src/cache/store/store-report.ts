import { unexpectedAnswer } from './redis-answers.js';
import type { RedisLink } from './redis-link.js';
import { INSPECT } from './scripts.js';

/** How the servers of the shared cache are: of each all that is on it, not of this cache alone. */
export interface StoreReport {
  readonly usedMemoryBytes: number;
  /** Null where there is no limit. */
  readonly maxMemoryBytes: number | null;
  /** What happens at the limit, such as `allkeys-lru`; null where it does not say. */
  readonly maxMemoryPolicy: string | null;
  /** Keys that had to go for want of memory, since the server started. */
  readonly evictedKeys: number;
  /** Keys whose time was over, since the server started. */
  readonly expiredKeys: number;
  /** Keys that were there when they were asked for, and that were not, since the server started. */
  readonly keyspaceHits: number;
  readonly keyspaceMisses: number;
  /** Keys in the database that is used. */
  readonly keys: number;
}

/**
 * Asks one server.
 *
 * @throws CacheUnavailableError when it is away, or gives no usable answer
 */
export async function storeReport(link: Pick<RedisLink, 'run'>): Promise<StoreReport> {
  const reply = await link.run(INSPECT, [], []);
  if (!Array.isArray(reply) || reply.length < 3) throw unexpectedAnswer('inspect', reply);
  return reportOf(`${String(reply[0])}\r\n${String(reply[1])}`, Number(reply[2]));
}

/** What several servers are together. The limit is null where one has none, the policy where they differ. */
export function sumOfReports(reports: readonly StoreReport[]): StoreReport {
  const [first] = reports;
  const sum = (field: (report: StoreReport) => number): number =>
    reports.reduce((total, report) => total + field(report), 0);
  const isLimited = reports.length > 0 && reports.every((report) => report.maxMemoryBytes !== null);
  const policy = first?.maxMemoryPolicy ?? null;
  return Object.freeze({
    usedMemoryBytes: sum((report) => report.usedMemoryBytes),
    maxMemoryBytes: isLimited ? sum((report) => report.maxMemoryBytes ?? 0) : null,
    maxMemoryPolicy: reports.every((report) => report.maxMemoryPolicy === policy) ? policy : null,
    evictedKeys: sum((report) => report.evictedKeys),
    expiredKeys: sum((report) => report.expiredKeys),
    keyspaceHits: sum((report) => report.keyspaceHits),
    keyspaceMisses: sum((report) => report.keyspaceMisses),
    keys: sum((report) => report.keys),
  });
}

/** @param info lines of `name:value` */
function reportOf(info: string, keys: number): StoreReport {
  const fields = new Map<string, string>();
  for (const line of info.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  const figure = (name: string): number => Number(fields.get(name) ?? 0);
  const limit = figure('maxmemory');
  return Object.freeze({
    usedMemoryBytes: figure('used_memory'),
    maxMemoryBytes: limit === 0 ? null : limit,
    maxMemoryPolicy: fields.get('maxmemory_policy') ?? null,
    evictedKeys: figure('evicted_keys'),
    expiredKeys: figure('expired_keys'),
    keyspaceHits: figure('keyspace_hits'),
    keyspaceMisses: figure('keyspace_misses'),
    keys,
  });
}
