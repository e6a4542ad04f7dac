/*
 * A small service for the tests of shutdown: connects, installs the handlers, starts one slow query, and says what
 * became of it. Run with the database's URL, the length of the query and the patience of the shutdown as arguments.
 */
import { loadConfig, silentLogger } from '../../src/config/index.js';
import { DomainRepositoryFactory } from '../../src/domain/index.js';
import { installShutdownHandlers } from '../../src/index.js';

const [url = '', seconds = '1', timeoutMs = '10000'] = process.argv.slice(2);
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: url });
const factory = new DomainRepositoryFactory({ config, logger: silentLogger });
await factory.initialize();
installShutdownHandlers(factory, { timeoutMs: Number(timeoutMs) });
const slow = factory.pool.query('SELECT pg_sleep($1::float8)', [seconds]);
slow.then(
  () => say('query done'),
  (error: { code?: string }) => say(`query failed ${error.code}`),
);
process.on('SIGTERM', () => {
  // The handler above was installed first: by now it has closed the door.
  const newWork = async (): Promise<unknown> => factory.pool.query('SELECT 1');
  newWork().then(
    () => say('new work taken'),
    (error: { code?: string }) => say(`new work refused ${error.code}`),
  );
});
say('ready');
