import type { MostReadEntry } from '../sampling/most-read.js';
import type { WarmEntry } from './warm-cache.js';
import type { Warmer } from './warmers.js';

const DEFAULT_LIMIT = 100;
const DEFAULT_INTERVAL_SECONDS = 300;

/** A value that can be warmed by its name. */
export type NamedLoader = Omit<WarmEntry, 'key'>;

/**
 * Reads again what was read most often in the last hour, so that it is in the cache after an invalidation or an eviction. It
 * knows what its own process read.
 */
export function mostReadWarmer(options: {
  readonly mostRead: (limit: number) => readonly MostReadEntry[];
  /** Reads rows into the cache by their canonical ids; null for a model that has no repository. */
  readonly warmRows: (model: string) => ((ids: readonly string[]) => Promise<unknown>) | null;
  /** How a value of this name is made; null where that is not known, and it is left out. */
  readonly loaderOf: (name: string) => NamedLoader | null;
  /** @default 'most-read' */
  readonly name?: string;
  /** How many. @default 100 */
  readonly limit?: number;
  /** @default 300 */
  readonly intervalSeconds?: number;
}): Warmer {
  const { mostRead, warmRows, loaderOf, limit = DEFAULT_LIMIT } = options;
  return Object.freeze({
    name: options.name ?? 'most-read',
    intervalSeconds: options.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS,
    run: async ({ warm, signal }: Parameters<Warmer['run']>[0]) => {
      const entries: WarmEntry[] = [];
      const idsByModel = new Map<string, string[]>();
      for (const { model, name } of mostRead(limit)) {
        const loader = model === null ? loaderOf(name) : null;
        if (loader !== null) entries.push({ ...loader, key: name });
        if (model !== null) idsByModel.set(model, [...(idsByModel.get(model) ?? []), name]);
      }
      for (const [model, ids] of idsByModel) {
        if (signal.aborted) return;
        await warmRows(model)?.(ids);
      }
      await warm(entries);
    },
  });
}
