import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fencesOf } from '../../../src/cache/store/shared-store.js';
import { eventually } from '../../support/eventually.js';
import { ClusterBench, IDS, LONG_MS } from '../../support/redis-cluster-bench.js';

let bench: ClusterBench;

const all = (kind: string, ids: readonly string[] = IDS): readonly string[] => ids.map(() => kind);

describe('a slot that moves', () => {
  beforeEach(async () => {
    bench = await ClusterBench.start({ spares: 1 });
  }, 120_000);
  afterEach(() => bench.stop());

  /** A slot, who has it, and who does not. */
  const placeOf = async (key: string) => {
    const slot = await bench.cluster.slotOf(key);
    const from = await bench.cluster.ownerOf(slot);
    const to = bench.cluster.masters.find((node) => node !== from) ?? from;
    return { slot, from, to };
  };

  test('takes along what is cached, what is fenced, and the versions', async () => {
    const [a, b] = await Promise.all([bench.join('a'), bench.join('b')]);
    await bench.put(a, IDS);
    await a.store.fence(bench.on('0'), 'w', LONG_MS);
    for (const key of [
      ...IDS.map((id) => bench.keyOf(id)),
      bench.rows.version,
      bench.keys.namespace.version,
    ]) {
      const { slot, to } = await placeOf(key);
      await bench.cluster.moveSlot(slot, to);
    }
    for (const process of [a, b])
      expect(await bench.look(process)).toEqual(['fenced', ...all('hit').slice(1)]);
    expect(await b.store.lift(bench.on('0'), 'w')).toBeNull();
    expect(await bench.look(a, ['0'])).toEqual(['lease']);
  });

  test('is passed by while its keys are on two servers, and a write in it goes through', async () => {
    const a = await bench.join('a');
    await bench.put(a, ['0', '1']);
    const { slot, from, to } = await placeOf(bench.keyOf('0'));
    await bench.cluster.beginMove(slot, from, to);
    expect(await bench.look(a, ['0', '1'])).toEqual(['fenced', 'hit']);
    await bench.cluster.moveKeys(slot, from, to, [bench.keyOf('0')]);
    expect(await bench.look(a, ['0', '1'])).toEqual(['fenced', 'hit']);
    await a.store.fence(bench.on('0'), 'w', LONG_MS);
    expect(await to.tell('EXISTS', bench.keyOf('0')).catch(String)).toContain('MOVED');
    await bench.cluster.moveKeys(slot, from, to);
    await bench.cluster.endMove(slot, from, to);
    expect(await to.tell('EXISTS', bench.keyOf('0'))).toBe(0);
    expect(await to.tell('EXISTS', fencesOf(bench.keyOf('0')))).toBe(1);
    expect(await bench.look(a, ['0', '1'])).toEqual(['fenced', 'hit']);
    expect(await a.store.lift(bench.on('0'), 'w')).toBeNull();
    expect(await bench.look(a, ['0', '1'])).toEqual(['lease', 'hit']);
  });

  test('and has the registry is heard of without a gap', async () => {
    const [a, b] = await Promise.all([bench.join('a'), bench.join('b')]);
    await Promise.all([bench.pulse(a), bench.pulse(b)]);
    const { slot, from, to } = await placeOf(bench.keys.registry);
    await bench.cluster.beginMove(slot, from, to);
    await bench.cluster.moveKeys(slot, from, to, [bench.keys.registry]);
    expect(await bench.pulse(a)).toMatchObject({ count: 2 });
    await bench.cluster.moveKeys(slot, from, to);
    await bench.cluster.endMove(slot, from, to);
    expect(await bench.pulse(b)).toMatchObject({ count: 2 });
    const { awaited } = await a.store.fence(bench.on('0'), 'w', LONG_MS);
    expect(awaited.map(({ process }) => process)).toEqual(['b']);
    // By the clock of another server: whatever it says, nobody is waited for too short a time.
    expect(awaited[0]?.withinMs).toBeGreaterThanOrEqual(LONG_MS);
  });

  test('to a server that is new makes everything invalid, once', async () => {
    const [a, b] = await Promise.all([bench.join('a'), bench.join('b')]);
    await bench.put(a, IDS);
    const [spare = bench.cluster.masters[0]] = bench.cluster.spares;
    if (spare === undefined) throw new Error('no server');
    const { slot } = await placeOf(bench.keyOf('0'));
    await bench.cluster.moveSlot(slot, spare);
    expect(await bench.seenUntilAnswered(a, ['0'])).not.toContain('hit');
    expect(await bench.look(b, ['1'])).toEqual(['lease']);
    const rest = IDS.slice(2);
    await bench.put(b, rest);
    expect(await bench.look(await bench.join('c'), rest)).toEqual(all('hit', rest));
    expect(await bench.look(a, rest)).toEqual(all('hit', rest));
  });
});

describe('a server', () => {
  beforeEach(async () => {
    bench = await ClusterBench.start({ replicas: 1 });
  }, 120_000);
  afterEach(() => bench.stop());

  test('that was promoted has nothing that anybody believes, nor have the others', async () => {
    const [a, b] = await Promise.all([bench.join('a'), bench.join('b')]);
    await bench.put(a, IDS);
    const owner = await bench.cluster.ownerOf(await bench.cluster.slotOf(bench.keyOf('0')));
    const replica = bench.cluster.replicas[bench.cluster.masters.indexOf(owner)];
    await eventually(
      async () => String(await replica?.tell('INFO', 'keyspace')),
      (info) => info.includes('keys='),
    );
    await owner.server.kill();
    expect(await bench.seenUntilAnswered(a)).not.toContain('hit');
    expect(await bench.seenUntilAnswered(b)).not.toContain('hit');
  }, 120_000);

  test('that took its place back has nothing that anybody believes either', async () => {
    const a = await bench.join('a');
    const owner = await bench.cluster.ownerOf(await bench.cluster.slotOf(bench.keyOf('0')));
    const replica = bench.cluster.replicas[bench.cluster.masters.indexOf(owner)];
    const takeOver = async (node: typeof replica): Promise<void> => {
      await node?.tell('CLUSTER', 'FAILOVER', 'TAKEOVER');
      await eventually(
        async () => String(await node?.tell('ROLE')),
        (role) => role.startsWith('master'),
      );
      await a.store.ping().catch(() => undefined);
      await eventually(
        () =>
          a.store.ping().then(
            () => true,
            () => false,
          ),
        (answers) => answers,
      );
    };
    await bench.put(a, IDS);
    await takeOver(replica);
    expect(await bench.seenUntilAnswered(a)).not.toContain('hit');
    const others = IDS.map((id) => `other-${id}`);
    await bench.put(a, others);
    await takeOver(owner);
    expect(await bench.seenUntilAnswered(a, others)).not.toContain('hit');
  }, 120_000);
});

describe('a server that no other can replace', () => {
  beforeEach(async () => {
    bench = await ClusterBench.start();
  }, 120_000);
  afterEach(() => bench.stop());

  test('fails what is asked of it, and a ping, while it hangs, and not when it goes on', async () => {
    const a = await bench.join('a');
    await bench.put(a, IDS);
    const owner = await bench.cluster.ownerOf(await bench.cluster.slotOf(bench.keyOf('0')));
    owner.server.pause();
    try {
      await expect(a.store.ping()).rejects.toThrow('does not answer in time');
      await expect(bench.pulse(a)).rejects.toThrow();
    } finally {
      owner.server.resume();
    }
    await eventually(
      () =>
        a.store.ping().then(
          () => true,
          () => false,
        ),
      (answers) => answers,
    );
    expect(await bench.seenUntilAnswered(a)).toEqual(new Set(['hit']));
  });
});
