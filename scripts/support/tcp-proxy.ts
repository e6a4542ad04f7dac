import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** A way to a server that a test can cut, stall and restore. */
export interface TcpProxy {
  /** Where it listens on 127.0.0.1; stays the same over `cut` and `restore`. */
  readonly port: number;
  /** How many connections pass it now. */
  readonly connections: number;
  /** Drops every connection and refuses new ones, as when the server's process is gone. */
  cut(): Promise<void>;
  /** Forwards nothing more in either direction; connections stay open and new ones are taken, as when a network hangs. */
  stall(): void;
  /** Forwards nothing more on the connections there are, for good; new ones work, as when a peer is gone without a word. */
  strand(): void;
  /** Listens and forwards again; what was held back while stalled is sent now. */
  restore(): Promise<void>;
  /** Drops all and closes for good. */
  stop(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1 before a server on this port. The test calls `stop`. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  const stranded = new Set<Pair>();
  let stalled = false;
  const server = createServer({ allowHalfOpen: true }, (downstream) => {
    const pair = new Pair(downstream, targetPort);
    pairs.add(pair);
    pair.onEnd(() => {
      pairs.delete(pair);
      stranded.delete(pair);
    });
    if (!stalled) pair.flow();
  });

  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const pair of [...pairs, ...stranded]) pair.drop();
    await closed;
  };

  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get connections() {
      return pairs.size;
    },
    cut: close,
    stall: () => {
      stalled = true;
      for (const pair of pairs) pair.hold();
    },
    strand: () => {
      for (const pair of pairs) {
        pair.hold();
        stranded.add(pair);
      }
      pairs.clear();
    },
    restore: async () => {
      stalled = false;
      for (const pair of pairs) pair.flow();
      if (!server.listening) await listen(port);
    },
    stop: close,
  };
}

/** One connection to the proxy and the one that it has to the server. */
class Pair {
  readonly #downstream: Socket;
  readonly #upstream: Socket;
  #flows = false;

  constructor(downstream: Socket, targetPort: number) {
    this.#downstream = downstream;
    this.#upstream = createConnection({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    this.#couple(downstream, this.#upstream);
    this.#couple(this.#upstream, downstream);
  }

  onEnd(ended: () => void): void {
    this.#downstream.once('close', ended);
  }

  flow(): void {
    // Piped twice, all would be sent twice.
    if (this.#flows) return;
    this.#flows = true;
    this.#downstream.pipe(this.#upstream);
    this.#upstream.pipe(this.#downstream);
  }

  hold(): void {
    this.#flows = false;
    // Without a reader a paused socket keeps what comes, at last in the other side's kernel.
    this.#downstream.unpipe(this.#upstream).pause();
    this.#upstream.unpipe(this.#downstream).pause();
  }

  drop(): void {
    this.#downstream.resetAndDestroy();
    this.#upstream.destroy();
  }

  /** The end of one, by an error too, is the end of the other. */
  #couple(one: Socket, other: Socket): void {
    one.setNoDelay(true);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}
