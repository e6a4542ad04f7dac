import { type EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import pg from 'pg';

/** What is needed to speak to the server beside the pool. */
export interface CancelTarget {
  readonly connectionConfig: pg.ClientConfig;
  /** Behind a pooler the process id is not the server's, so the protocol's own request is sent, which poolers pass on. */
  readonly byProtocol: boolean;
}

/** Parts of pg's client that its types leave out. */
interface RunningClient {
  readonly processID?: number | null;
  readonly secretKey?: number | null;
}

/** pg's wire connection, which its types leave out as well. */
interface ProtocolAccess {
  readonly connection: EventEmitter & {
    readonly ssl: unknown;
    readonly stream: Socket;
    connect(portOrPath: number | string, host?: string): void;
    requestSsl(): void;
    cancel(processId: number | null | undefined, secretKey: number | null | undefined): void;
  };
}

const CANCEL_TIMEOUT_MS = 2_000;

/**
 * Cancels what a connection is running, on the server: it then fails there with SQLSTATE 57014. Does nothing to a
 * connection that is idle. Never rejects: `onFailure` hears of a request that did not get through.
 */
export async function cancelRunning(
  target: CancelTarget,
  client: pg.ClientBase,
  onFailure: (error: unknown) => void,
): Promise<void> {
  const running = client as pg.ClientBase & RunningClient;
  try {
    await (target.byProtocol ? requestCancel(target, running) : askServer(target, running));
  } catch (error) {
    onFailure(error);
  }
}

async function askServer(target: CancelTarget, running: RunningClient): Promise<void> {
  const messenger = new pg.Client({
    ...target.connectionConfig,
    connectionTimeoutMillis: CANCEL_TIMEOUT_MS,
    query_timeout: CANCEL_TIMEOUT_MS,
    application_name: 'holdfast cancel',
  });
  // The server may hang up at any time; what is awaited below fails then.
  messenger.on('error', () => undefined);
  await messenger.connect();
  try {
    await messenger.query('SELECT pg_cancel_backend($1)', [running.processID]);
  } finally {
    await messenger.end();
  }
}

/** https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS */
async function requestCancel(target: CancelTarget, running: RunningClient): Promise<void> {
  const messenger = new pg.Client(target.connectionConfig) as pg.Client & ProtocolAccess;
  const { connection } = messenger;
  const timer = setTimeout(() => connection.stream.destroy(new Error('no answer')), CANCEL_TIMEOUT_MS);
  try {
    // A socket's path has no port.
    if (messenger.host.startsWith('/')) connection.connect(`${messenger.host}/.s.PGSQL.${messenger.port}`);
    else connection.connect(messenger.port, messenger.host);
    await once(connection, 'connect');
    if (connection.ssl) {
      connection.requestSsl();
      await once(connection, 'sslconnect');
    }
    const ended = once(connection, 'end');
    connection.cancel(running.processID, running.secretKey);
    // The server answers by hanging up, once it has passed the request on.
    await ended;
  } finally {
    clearTimeout(timer);
    connection.stream.destroy();
  }
}
