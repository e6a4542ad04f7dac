import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { findExecutable, searchPath } from './find-executable.js';
import { PortTakenError, withFreePort } from './free-port.js';
import { makeTemporaryDirectory } from './process-identity.js';
import { askRedis } from './redis-command.js';
import { ServerProcess } from './server-process.js';

/** What kind of Redis to start. */
export interface LocalRedisOptions {
  /**
   * Whether every write is kept in a file, so that the data survive `kill`.
   * @default false
   */
  readonly appendOnly?: boolean;
  /** Settings of redis.conf, one word or several: `{ maxmemory: '10mb', 'cluster-enabled': 'yes' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** @default 10_000 */
  readonly startTimeoutMs?: number;
}

/** What a restart does with the data. */
export interface RestartOptions {
  /** @default true with `appendOnly`, else false */
  readonly keepData?: boolean;
  /** What an earlier `saveSnapshot` gave: it comes back with what it held then. Not with `appendOnly`. */
  readonly snapshot?: string;
}

/** A Redis server of one's own, on 127.0.0.1, in a temporary directory that goes with it. */
export class LocalRedis {
  readonly port: number;
  readonly url: string;
  readonly directory: string;
  readonly #process: ServerProcess;
  readonly #appendOnly: boolean;
  #snapshots = 0;

  constructor(port: number, directory: string, appendOnly: boolean, process: ServerProcess) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.directory = directory;
    this.#appendOnly = appendOnly;
    this.#process = process;
  }

  /** Stops the server, however it stands, and deletes its directory. */
  async stop(): Promise<void> {
    await this.#process.dispose();
  }

  /** Ends the server as a crash does; `start` or `restart` brings it back, with its data only under `appendOnly`. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#process.kill(signal);
  }

  /** Freezes the server: connections stay open, nothing is answered. */
  pause(): void {
    this.#process.pause();
  }

  /** Lets a paused server go on. */
  resume(): void {
    this.#process.resume();
  }

  /** Stops the server if it runs, and starts it on the same port: empty, or with what it held. It gets a new `run_id`. */
  async restart(options: RestartOptions = {}): Promise<void> {
    if (options.snapshot !== undefined) {
      await this.#process.stop();
      await copyFile(options.snapshot, path.join(this.directory, 'dump.rdb'));
      return this.start();
    }
    const keepData = options.keepData ?? this.#appendOnly;
    if (keepData && !this.#appendOnly && this.#process.pid !== null) await askRedis(this.port, 'SAVE');
    await this.#process.stop();
    if (!keepData) await this.#deleteData();
    await this.start();
  }

  /** Puts what it holds now into a file of its own; gives the file, which goes with the server. */
  async saveSnapshot(): Promise<string> {
    await askRedis(this.port, 'SAVE');
    this.#snapshots += 1;
    const file = path.join(this.directory, `snapshot-${this.#snapshots}.rdb`);
    await copyFile(path.join(this.directory, 'dump.rdb'), file);
    return file;
  }

  /** Starts a server that was killed. */
  async start(): Promise<void> {
    try {
      await this.#process.start((pid) => this.#answers(pid));
    } catch (error) {
      if (/Address already in use/.test(this.#process.logTail())) {
        throw new PortTakenError(`Port ${this.port} is taken.`, { cause: error });
      }
      throw error;
    }
  }

  async #answers(pid: number): Promise<boolean> {
    try {
      // Another server may have taken the port a moment before this one failed to, hence the pid. While it loads its
      // data a server answers INFO already, but not PING.
      const info = await askRedis(this.port, 'INFO server');
      return info.includes(`process_id:${pid}\r`) && (await askRedis(this.port, 'PING')) === 'PONG';
    } catch {
      // Not there yet: the process decides whether there is anything to wait for.
      return false;
    }
  }

  async #deleteData(): Promise<void> {
    for (const name of ['dump.rdb', 'appendonlydir', 'appendonly.aof']) {
      await rm(path.join(this.directory, name), { recursive: true, force: true });
    }
  }
}

/** The path of `redis-server` (or of Valkey's, which is the same program by another name), or null where there is none. */
export function findRedisServer(): string | null {
  const directories = [...searchPath(), '/opt/homebrew/bin', '/usr/local/bin', '/usr/bin'];
  return findExecutable('redis-server', directories) ?? findExecutable('valkey-server', directories);
}

/** Starts a Redis server on a free port and resolves when it answers. It writes no snapshots. */
export async function startRedis(options: LocalRedisOptions = {}): Promise<LocalRedis> {
  const executable = findRedisServer();
  if (executable === null)
    throw new Error('No redis-server is installed. Run `node scripts/setup.mjs redis`.');
  const appendOnly = options.appendOnly ?? false;
  return withFreePort(async (port) => {
    const directory = makeTemporaryDirectory('holdfast-redis-', null);
    const process = new ServerProcess({
      name: 'Redis',
      executable,
      arguments: settingArguments(port, directory, appendOnly, options.settings),
      directory,
      identity: null,
      stopSignal: 'SIGTERM',
      startTimeoutMs: options.startTimeoutMs ?? 10_000,
    });
    try {
      const server = new LocalRedis(port, directory, appendOnly, process);
      await server.start();
      return server;
    } catch (error) {
      await process.dispose();
      throw error;
    }
  });
}

function settingArguments(
  port: number,
  directory: string,
  appendOnly: boolean,
  chosen: LocalRedisOptions['settings'],
): string[] {
  const settings: Record<string, string> = {
    bind: '127.0.0.1',
    port: String(port),
    dir: directory,
    appendonly: appendOnly ? 'yes' : 'no',
    // The append-only file outlives the process whatever this says; syncing guards against the machine's crash only.
    appendfsync: 'no',
    databases: '64',
    ...chosen,
  };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, ...value.split(' ')]);
  return ['--save', '', ...words];
}
