import { during, type Fault, someMs } from './arena.js';

/** Slots that hold something move from master to master, one after the other, for a while. */
export const reshard: Fault = async (arena) => {
  const { cluster, random, healing } = arena;
  if (cluster === null) return;
  // A master that was restarted takes two seconds to take part again.
  await cluster.settled();
  const ms = someMs(arena, 2_000, 10_000);
  await during(arena, { kind: 'reshard', detail: `slots move for ${ms} ms` }, async () => {
    const anyMaster = () => cluster.masters[random.nextInteger(cluster.masters.length)];
    const until = performance.now() + ms;
    while (performance.now() < until && !healing.aborted) {
      const [from, to] = [anyMaster(), anyMaster()];
      const key = await from?.tell('RANDOMKEY');
      if (to === undefined || typeof key !== 'string') continue;
      await cluster.moveSlot(await cluster.slotOf(key), to);
    }
  });
};
