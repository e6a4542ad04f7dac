import { during, type Fault, someMs, wait } from './arena.js';

/** SIGKILL, and a new process in its place at once. */
export const kill: Fault = async (arena) => {
  const worker = arena.fleet.anyAtWork(arena.random);
  if (worker === null) return;
  const { process } = worker.task;
  await during(arena, { kind: 'kill', detail: 'SIGKILL', process }, () => arena.fleet.replace(worker));
};

/** SIGSTOP for a second or twenty. */
export const stop: Fault = async (arena) => {
  const worker = arena.fleet.anyAtWork(arena.random);
  if (worker === null) return;
  const ms = someMs(arena, 1_000, 20_000);
  await during(
    arena,
    { kind: 'stop', detail: `stopped for ${ms} ms`, process: worker.task.process },
    async () => {
      worker.pause();
      try {
        await wait(arena, ms);
      } finally {
        worker.resume();
      }
    },
  );
};

/** One process alone loses its way to Redis: its connections are cut and new ones refused, or nothing comes through. */
export const partition: Fault = async (arena) => {
  const process = arena.random.nextInteger(arena.proxies.length);
  const proxy = arena.proxies[process];
  if (proxy === undefined) return;
  const ms = someMs(arena, 500, 5_000);
  const stalls = arena.random.next() < 0.5;
  const detail = `${stalls ? 'nothing came through' : 'cut off'} for ${ms} ms`;
  await during(arena, { kind: 'partition', detail, process }, async () => {
    if (stalls) proxy.stall();
    else await proxy.cut();
    await wait(arena, ms);
    await proxy.restore();
  });
};

/** PostgreSQL ends at once, as in a crash, and comes back with what was committed. */
export const restartPostgres: Fault = async (arena) => {
  await during(arena, { kind: 'pg-restart', detail: 'ended at once and restarted' }, async () => {
    await arena.postgres.kill('SIGQUIT');
    await arena.postgres.start();
  });
};
