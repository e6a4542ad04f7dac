import type { EnvironmentVariables } from '../../../src/config/index.js';
import { DomainRepositoryFactory, loadConfig, silentLogger } from '../library.js';

/** Several processes start at once, on few cores: what comes may be lost again until all are there. */
const SERVING_TIMEOUT_MS = 30_000;

/**
 * The reference domain in this process, on these settings, connected.
 *
 * @throws Error when the configured cache does not answer: what is measured then would be something else
 */
export async function openFactory(environment: EnvironmentVariables): Promise<DomainRepositoryFactory> {
  const config = loadConfig(environment);
  const factory = new DomainRepositoryFactory({ config, logger: silentLogger });
  await factory.initialize();
  if (!config.cache.enabled) return factory;
  const giveUpAt = performance.now() + SERVING_TIMEOUT_MS;
  while (!(await factory.cache.waitUntilServing())) {
    if (performance.now() > giveUpAt) throw new Error('The cache does not answer.');
  }
  return factory;
}
