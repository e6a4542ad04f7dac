import type { Adapter, AdapterOptions } from './adapter.js';
import { withPlainCache } from './plain-cache.js';
import { openRepositories } from './repositories.js';

export async function openAdapter(options: AdapterOptions): Promise<Adapter> {
  const repositories = await openRepositories(options);
  return options.name === 'naive' ? withPlainCache(repositories, options.servers) : repositories;
}
