import { setTimeout as delay } from 'node:timers/promises';
import { askRedis } from '../../support/redis-command.js';
import { during, type Fault, someMs, wait } from './arena.js';
import { fillUntilEvicted } from './eviction.js';

/** A server that comes back: with what it holds, with nothing, with what it held some time before. In turns. */
export function restartRedis(): Fault {
  let turn = 0;
  return async (arena) => {
    const { redis } = arena;
    const way = RESTARTS[turn % RESTARTS.length] ?? RESTARTS[0];
    turn += 1;
    if (way === 'with its older data') {
      const snapshot = await redis.saveSnapshot();
      await wait(arena, someMs(arena, 500, 2_000));
      await during(arena, { kind: 'redis-restart', detail: way }, () => redis.restart({ snapshot }));
      return;
    }
    const keepData = way === 'with its data';
    await during(arena, { kind: 'redis-restart', detail: way }, () => redis.restart({ keepData }));
  };
}

const RESTARTS = ['with its data', 'without its data', 'with its older data'] as const;

/** A server that answers nobody for a while: its process is stopped, or it is told to pause. */
export function pauseRedis(): Fault {
  let turn = 0;
  return async (arena) => {
    const { redis } = arena;
    const stops = turn % 2 === 0;
    turn += 1;
    const ms = someMs(arena, 200, 5_000);
    const detail = `${stops ? 'SIGSTOP' : 'CLIENT PAUSE'} for ${ms} ms`;
    await during(arena, { kind: 'redis-pause', detail }, async () => {
      if (!stops) {
        await askRedis(redis.port, `CLIENT PAUSE ${ms} ALL`);
        // It would not take back what it was told: the order to go on would wait as well.
        return delay(ms);
      }
      redis.pause();
      try {
        await wait(arena, ms);
      } finally {
        redis.resume();
      }
    });
  };
}

export const flushRedis: Fault = async (arena) => {
  await during(arena, { kind: 'redis-flush', detail: 'FLUSHALL' }, async () => {
    await askRedis(arena.redis.port, 'FLUSHALL');
  });
};

/** Little memory for a while, and others who fill it: Redis throws away what it likes. In turns by age and by chance. */
export function evict(): Fault {
  let turn = 0;
  return async (arena) => {
    const policy = turn % 2 === 0 ? 'allkeys-random' : 'allkeys-lru';
    turn += 1;
    const ms = someMs(arena, 500, 3_000);
    await during(arena, { kind: 'evict', detail: `${policy} for ${ms} ms` }, () =>
      fillUntilEvicted(arena, policy, ms),
    );
  };
}
