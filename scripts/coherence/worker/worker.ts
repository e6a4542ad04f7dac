/* One process of a check: reads and writes the hot rows, and tells the process that started it what it does. */
import { Xoshiro128 } from '../../support/random.js';
import { openAdapter } from '../adapters/open-adapter.js';
import { CheckClock } from '../clock.js';
import type { FromWorker, Sighting, ToWorker, WorkerTask } from '../messages.js';
import { World } from '../world.js';
import { Load } from './load.js';
import { look } from './look.js';
import { Pace } from './pace.js';
import { RawConnection } from './raw-connection.js';
import { ReadRecorder } from './recorder.js';
import { watchStalls } from './stall-watch.js';
import { comingsAndGoings } from './writes/comings-and-goings.js';
import { rawWrites } from './writes/raw-sql.js';
import { simpleWrites } from './writes/simple.js';
import { transactions } from './writes/transactions.js';
import { movesOfUniqueValues } from './writes/unique-values.js';

/** More writes than one process can make, and more times than it can be started. */
const MARKS = 1e7;
const INCARNATIONS = 1e5;
/** How often what was read is told: what is not told when the process is killed is lost. */
const TELL_EVERY_MS = 50;

const tell = (message: FromWorker): void => {
  process.send?.(message);
};

async function work(task: WorkerTask): Promise<void> {
  const world = new World(task.keys);
  const adapter = await openAdapter(task.adapter);
  const elsewhere = new RawConnection(task.adapter.servers.databaseUrl);
  const recorder = new ReadRecorder((reads) => tell({ type: 'reads', reads, answers: adapter.answers() }));
  const telling = setInterval(() => recorder.flush(), TELL_EVERY_MS);
  const firstMark = (task.process * INCARNATIONS + task.incarnation) * MARKS;
  let marks = 0;
  const load = new Load({
    seed: task.seed,
    world,
    adapter,
    random: Xoshiro128.fromSeed(task.seed + task.process * 7_919 + task.incarnation * 104_729),
    recorder,
    writeKinds: [
      ...simpleWrites,
      ...comingsAndGoings,
      ...movesOfUniqueValues,
      ...transactions,
      ...rawWrites((text, parameters) => elsewhere.query(text, parameters)),
    ].filter(({ name }) => !task.leftOut.includes(name)),
    pauseMs: task.pauseMs,
    pace: new Pace(task.rate, task.readsPerWrite),
    nextMark: () => {
      marks += 1;
      return firstMark + marks;
    },
    writeBegun: (write) => tell({ type: 'writeBegun', write }),
    writeEnded: (write) => tell({ type: 'writeEnded', write }),
    failed: (failure) => tell({ type: 'failure', failure }),
  });

  let endWatch = (): void => undefined;
  const end = async (): Promise<void> => {
    clearInterval(telling);
    endWatch();
    await Promise.all([adapter.close(), elsewhere.close()]);
    process.disconnect();
  };
  process.on('message', (message: ToWorker) => {
    if (message.type === 'go') {
      const clock = new CheckClock(message.clockBase);
      endWatch = watchStalls(clock, (stall) => tell({ type: 'stall', stall }));
      load.start(clock, task.readers, task.writers);
    } else if (message.type === 'stop') {
      void load.stop().then(() => {
        clearInterval(telling);
        endWatch();
        recorder.flush();
        tell({ type: 'stopped', answers: adapter.answers() });
      });
    } else if (message.type === 'look') {
      void lookAtAll(world, (register) => look(world, adapter.reads, register)).then((sightings) =>
        tell({ type: 'looked', sightings }),
      );
    } else if (message.type === 'end') void end();
  });
  // The first query of each shape is compiled, which in a short run would take most of it.
  await lookAtAll(world, (register) => look(world, adapter.reads, register));
  tell({ type: 'ready' });
}

/** Reads every register; what cannot be read is told as -1. */
async function lookAtAll(
  world: World,
  at: (register: number) => Promise<readonly Sighting[]>,
): Promise<readonly Sighting[]> {
  const registers = world.registers.map((_, register) => register);
  const all = await Promise.all(
    registers.map((register) => at(register).catch((): readonly Sighting[] => [[register, -1]])),
  );
  return all.flat();
}

process.once('message', (task: WorkerTask) => {
  work(task).catch((error: unknown) => {
    process.stderr.write(
      `process ${task.process}: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(1);
  });
});
// Whoever started it is gone.
process.once('disconnect', () => process.exit());
