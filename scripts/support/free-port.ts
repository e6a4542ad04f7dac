import { createServer } from 'node:net';

/** A TCP port on 127.0.0.1 that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('The operating system gave a listening socket no port.'));
      });
    });
  });
}

/** A server could not listen on the port it was given, because somebody else does. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/**
 * Runs `start` with a free port, and again with another one when it reports `PortTakenError`. Between the choice of a
 * port and its use another process may take it; no way of choosing closes that gap, so it is met by trying again.
 */
export async function withFreePort<T>(start: (port: number) => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return await start(port);
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt >= attempts) throw error;
    }
  }
}
