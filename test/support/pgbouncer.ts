import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { findExecutable, searchPath } from '../../scripts/support/find-executable.js';
import { withFreePort } from '../../scripts/support/free-port.js';
import { makeTemporaryDirectory, unprivilegedIdentity } from '../../scripts/support/process-identity.js';
import { ServerProcess } from '../../scripts/support/server-process.js';

/** The path of PgBouncer, or null: few machines have it, and no package of npm ships it. */
export function findPgBouncer(): string | null {
  return findExecutable('pgbouncer', [...searchPath(), '/usr/sbin', '/opt/homebrew/bin']);
}

/** A PgBouncer in transaction mode before a database. */
export interface PgBouncer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one with a small pool of its own, so that callers do share the server's connections. */
export async function startPgBouncer(executable: string, databaseUrl: string): Promise<PgBouncer> {
  const database = new URL(databaseUrl);
  const name = database.pathname.slice(1);
  return withFreePort(async (port) => {
    const identity = unprivilegedIdentity();
    const directory = makeTemporaryDirectory('holdfast-pgbouncer-', identity);
    const file = path.join(directory, 'pgbouncer.ini');
    writeFileSync(
      file,
      [
        '[databases]',
        `${name} = host=${database.hostname} port=${database.port} dbname=${name} user=${database.username}`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${port}`,
        'unix_socket_dir =',
        'auth_type = any',
        'pool_mode = transaction',
        'default_pool_size = 3',
      ].join('\n'),
    );
    const process = new ServerProcess({
      name: 'PgBouncer',
      executable,
      arguments: [file],
      directory,
      identity,
      stopSignal: 'SIGINT',
    });
    const url = `postgresql://${database.username}@127.0.0.1:${port}/${name}`;
    try {
      await process.start(() => answers(url));
    } catch (error) {
      await process.dispose();
      throw error;
    }
    return { url, stop: () => process.dispose() };
  });
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    // Not there yet: the process decides whether there is anything to wait for.
    return false;
  } finally {
    await client.end();
  }
}
