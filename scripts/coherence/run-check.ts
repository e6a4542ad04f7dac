import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { loadConfig, silentLogger } from '../../src/config/index.js';
import { DomainRepositoryFactory } from '../../src/domain/index.js';
import { startPostgres } from '../support/local-postgres.js';
import { startRedis } from '../support/local-redis.js';
import { applyMigrations } from '../support/migrate.js';
import type { CheckArguments } from './arguments.js';
import type { History } from './history.js';
import { judge, type Verdict } from './judge.js';
import type { WorkerTask } from './worker.js';

/** What a check found, and how much was written in all. */
export interface CheckResult extends Verdict {
  /** Committed writes that are not in the database at the end. */
  readonly lost: number;
}

const READERS = 16;
const WRITERS = 2;
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** Runs the check on servers of its own, and leaves nothing behind. */
export async function runCheck(options: CheckArguments): Promise<CheckResult> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  try {
    await applyMigrations(postgres.url, MIGRATIONS);
    const rows = await Rows.make(postgres.url, options.keys);
    try {
      const servers = { databaseUrl: postgres.url, redisUrl: redis.url, prefix: 'check' };
      const { seconds, seed, adapter } = options;
      const tasks = Array.from({ length: options.processes }, (_, number): WorkerTask => {
        return { number, adapter, servers, ids: rows.ids, seconds, readers: READERS, writers: WRITERS, seed };
      });
      const histories = await Promise.all(tasks.map(runWorker));
      const verdict = judge(histories);
      return { ...verdict, lost: verdict.writes - (await rows.versions()) };
    } finally {
      await rows.close();
    }
  } finally {
    await Promise.all([postgres.stop(), redis.stop()]);
  }
}

/** The hot rows. */
class Rows {
  readonly ids: readonly string[];
  readonly #factory: DomainRepositoryFactory;

  private constructor(factory: DomainRepositoryFactory, ids: readonly string[]) {
    this.#factory = factory;
    this.ids = ids;
  }

  static async make(url: string, count: number): Promise<Rows> {
    const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: url, CACHE_ENABLED: 'false' });
    const factory = new DomainRepositoryFactory({ config, logger: silentLogger });
    await factory.initialize();
    const owner = await factory
      .getUserRepository()
      .create({ githubId: 'check', email: 'check@example.test', username: 'check' });
    const projects = factory.getProjectRepository();
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      ids.push((await projects.create({ ownerId: owner.id, name: '0', sourceStack: {} })).id);
    }
    return new Rows(factory, ids);
  }

  /** The sum of all versions: how many writes the database holds. */
  async versions(): Promise<number> {
    const sum = 'SELECT sum(file_count)::int AS sum FROM projects';
    return (await this.#factory.pool.query<{ sum: number }>(sum))[0]?.sum ?? 0;
  }

  close(): Promise<void> {
    return this.#factory.shutdown();
  }
}

async function runWorker(task: WorkerTask): Promise<History> {
  const child = fork(WORKER, { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
  const ended = once(child, 'exit');
  let history: History | null = null;
  child.on('message', (message) => {
    history = message as History;
  });
  child.send(task);
  await ended;
  if (history === null) throw new Error(`Process ${task.number} of the check failed.`);
  return history;
}
