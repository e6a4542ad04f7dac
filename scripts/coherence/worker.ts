/* One process of the check: reads and writes a few hot rows for a while, and hands in what it saw. */
import { Xoshiro128 } from '../support/random.js';
import { type AdapterName, type AdapterServers, openAdapter, type WriteMode } from './adapters.js';
import { type History, Recorder } from './history.js';

/** What a process is told when it starts. */
export interface WorkerTask {
  readonly number: number;
  readonly adapter: AdapterName;
  readonly servers: AdapterServers;
  /** The rows, by id; all processes have the same. */
  readonly ids: readonly string[];
  readonly seconds: number;
  readonly readers: number;
  readonly writers: number;
  readonly seed: number;
}

/** More writes than one process can make. */
const MARKS_PER_PROCESS = 1e9;

async function work(task: WorkerTask): Promise<History> {
  const { ids, readers, writers } = task;
  const random = Xoshiro128.fromSeed(task.seed + task.number);
  const adapter = await openAdapter(task.adapter, task.servers);
  const [reads, writes] = [new Recorder(), new Recorder()];
  const until = performance.now() + task.seconds * 1_000;
  let marks = 0;

  const read = async (): Promise<void> => {
    while (performance.now() < until) {
      const key = random.nextInteger(ids.length);
      await reads.record(key, () => adapter.read(ids[key] ?? ''));
    }
  };
  const write = async (): Promise<void> => {
    while (performance.now() < until) {
      const key = random.nextInteger(ids.length);
      marks += 1;
      const mark = (task.number + 1) * MARKS_PER_PROCESS + marks;
      const mode = modeOf(random.next());
      const id = ids[key] ?? '';
      if (mode === 'rolledBack') await adapter.write(id, mark, mode);
      else {
        await writes.record(key, async () => {
          const written = await adapter.write(id, mark, mode);
          if (written === null) throw new Error('A write that should commit was rolled back.');
          return written;
        });
      }
    }
  };

  try {
    await Promise.all([...Array.from({ length: readers }, read), ...Array.from({ length: writers }, write)]);
    return { reads: reads.columns(), writes: writes.columns(), hits: adapter.hits() };
  } finally {
    await adapter.close();
  }
}

function modeOf(dice: number): WriteMode {
  if (dice < 0.6) return 'single';
  return dice < 0.8 ? 'transaction' : 'rolledBack';
}

process.once('message', (task: WorkerTask) => {
  work(task).then(
    (history) => process.send?.(history, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(
        `process ${task.number}: ${error instanceof Error ? error.stack : String(error)}\n`,
      );
      process.exitCode = 1;
      process.disconnect();
    },
  );
});
