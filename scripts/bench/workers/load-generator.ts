/* The clients of `npm run bench -- headline`, in a process of their own: each has a connection that it keeps. */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { userId } from '../users.js';
import { OpenLoop, type OpenLoopReport } from './open-loop.js';
import { serveWorker } from './serve-worker.js';
import { MIX, ZipfMix } from './zipf-mix.js';

export interface LoadGeneratorTask {
  readonly port: number;
  readonly clients: number;
  readonly seed: number;
}

export interface LoadRun {
  readonly ratePerSecond: number;
  readonly durationMs: number;
}

export type LoadGeneratorCommands = {
  readonly run: (run: LoadRun) => Promise<OpenLoopReport>;
};

/** How long after the last request became due answers are waited for; what has none by then has failed. */
const DRAIN_MS = 10_000;
/** How long after that the answers to what is under way may take. */
const REST_MS = 60_000;

interface Client {
  readonly socket: Socket;
  /** What is under way: when it was due, and how the answer to it begins. */
  dueMs: number;
  expected: string;
}

serveWorker<LoadGeneratorTask, LoadGeneratorCommands>(async ({ port, clients, seed }) => {
  const mix = new ZipfMix(seed, MIX);
  const idle: Client[] = [];
  let loop = new OpenLoop(1, 0, performance.now());
  let updates = 0;

  const take = (client: Client): boolean => {
    const dueMs = loop.take(performance.now());
    if (dueMs === null) return false;
    const { isUpdate, index } = mix.next();
    client.dueMs = dueMs;
    client.expected = `{"id":"${userId(index)}"`;
    if (isUpdate) updates += 1;
    client.socket.write(isUpdate ? `U ${index} name-${updates}\n` : `R ${index}\n`);
    return true;
  };
  const answered = (client: Client, line: string): void => {
    loop.answered(client.dueMs, performance.now(), line.startsWith(client.expected));
    if (!take(client)) idle.push(client);
  };
  const open = (): Promise<Client> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      const client: Client = { socket, dueMs: 0, expected: '' };
      socket.once('error', reject);
      socket.once('connect', () => resolve(client));
      createInterface({ input: socket }).on('line', (line) => answered(client, line));
    });
  const all = await Promise.all(Array.from({ length: clients }, open));
  idle.push(...all);

  const run = async ({ ratePerSecond, durationMs }: LoadRun): Promise<OpenLoopReport> => {
    const startedMs = performance.now();
    loop = new OpenLoop(ratePerSecond, durationMs, startedMs);
    while (!loop.isDone(performance.now()) && performance.now() < startedMs + durationMs + DRAIN_MS) {
      for (let client = idle.pop(); client !== undefined; client = idle.pop()) {
        if (take(client)) continue;
        idle.push(client);
        break;
      }
      // It wakes up to a millisecond late, which counts; to turn without a rest would take a core from the service.
      await delay(1);
    }
    loop.giveUp();
    // The next run needs all clients.
    while (idle.length < all.length) {
      if (performance.now() > startedMs + durationMs + DRAIN_MS + REST_MS)
        throw new Error(`${all.length - idle.length} requests were never answered.`);
      await delay(10);
    }
    return loop.report();
  };
  return {
    commands: { run },
    close: async () => {
      for (const { socket } of all) socket.destroy();
    },
  };
});
