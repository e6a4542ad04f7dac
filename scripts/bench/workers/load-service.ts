/*
 * The service under test of `npm run bench -- headline`: a process that answers one line of text with another. The protocol is
 * as small as one can be, a line over TCP, because with two cores HTTP would take more of the service's time than what is
 * measured. What a service does with an answer it does: each is sent as JSON.
 */
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { EnvironmentVariables } from '../../../src/config/index.js';
import { userId } from '../users.js';
import { barePrismaOn } from '../world.js';
import { openFactory } from './open-factory.js';
import { serveWorker } from './serve-worker.js';

export interface LoadServiceTask {
  readonly environment: EnvironmentVariables;
  /** Where Prisma serves alone, its database; null where the library serves. */
  readonly bareDatabaseUrl: string | null;
}

export interface LoadServiceReport {
  /** Reads by key so far that memory or Redis answered, and those that the database did. */
  readonly hits: number;
  readonly misses: number;
}

export type LoadServiceCommands = {
  readonly port: (nothing: null) => Promise<number>;
  readonly report: (nothing: null) => Promise<LoadServiceReport>;
};

/** What the service does for a request. */
interface Data {
  read(id: string): Promise<object | null>;
  update(id: string, name: string): Promise<object>;
  report(): LoadServiceReport;
  close(): Promise<void>;
}

serveWorker<LoadServiceTask, LoadServiceCommands>(async ({ environment, bareDatabaseUrl }) => {
  const data = bareDatabaseUrl === null ? await openHoldfast(environment) : await openBare(bareDatabaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    createInterface({ input: socket }).on('line', (line) => {
      void answer(data, line).then((text) => socket.write(`${text}\n`));
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', 1_024, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : Number.NaN);
    });
  });
  return {
    commands: { port: async () => port, report: async () => data.report() },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await data.close();
    },
  };
});

/** `R 12` reads the user of that index, `U 12 name` gives it a name. The answer is the row, or `!` and what went wrong. */
async function answer(data: Data, line: string): Promise<string> {
  const [verb, index, name = ''] = line.split(' ');
  const id = userId(Number(index));
  try {
    return JSON.stringify(await (verb === 'U' ? data.update(id, name) : data.read(id)));
  } catch (error) {
    return `!${error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)}`;
  }
}

async function openHoldfast(environment: EnvironmentVariables): Promise<Data> {
  const factory = await openFactory(environment);
  const users = factory.getUserRepository();
  return {
    read: (id) => users.findById(id),
    update: (id, name) => users.update(id, { name }),
    report: () => {
      const { nearHits, hits, misses, bypasses } = factory.getCacheStatistics();
      return { hits: nearHits + hits, misses: misses + bypasses };
    },
    close: () => factory.shutdown(),
  };
}

async function openBare(databaseUrl: string): Promise<Data> {
  const client = barePrismaOn(databaseUrl);
  await client.$connect();
  let reads = 0;
  return {
    read: (id) => {
      reads += 1;
      return client.user.findUnique({ where: { id } });
    },
    update: (id, name) => client.user.update({ where: { id }, data: { name } }),
    report: () => ({ hits: 0, misses: reads }),
    close: () => client.$disconnect(),
  };
}
