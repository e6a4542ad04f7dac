import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMessage, encodeChange, encodeHeartbeat } from '../../../src/cache/store/announcement.js';
import { clusterOpener } from '../../../src/cache/store/cluster/open-cluster.js';
import { slotOf } from '../../../src/cache/store/cluster/slots.js';
import { RedisConnection } from '../../../src/cache/store/redis-connection.js';
import { silentLogger } from '../../../src/config/index.js';
import { eventually } from '../../support/eventually.js';
import { CLUSTER_SETTINGS, tellOwner } from '../../support/redis-cluster.js';
import { ClusterBench, IDS, LONG_MS } from '../../support/redis-cluster-bench.js';

let bench: ClusterBench;

/** What docs/stores.md says that a user needs on a cluster, for the prefix of this key, and the password that it has there. */
function documentedRights(key: string): readonly string[] {
  const page = readFileSync('docs/stores.md', 'utf8');
  const prefix = key.slice(1, key.indexOf('}'));
  const [, rule = ''] = /```text\nuser shop ([^`]+)```/.exec(page) ?? [];
  const [, besides = ''] = /with a cluster `([^`]+)`/.exec(page) ?? [];
  return `${rule} ${besides}`
    .replaceAll('shop', prefix)
    .replace('>password', '>secret')
    .split(/\s+/)
    .filter(Boolean);
}

const all = (kind: string, ids: readonly string[] = IDS): readonly string[] => ids.map(() => kind);

beforeAll(async () => {
  bench = await ClusterBench.start();
}, 120_000);
afterEach(() => bench.renew());
afterAll(() => bench.stop());

describe('a process', () => {
  /** What it hears on the channel of changes, and how often all was lost. */
  const listening = async () => {
    const process = await bench.join('a');
    const heard: string[] = [];
    const counted = { beat: 0, lost: 0 };
    process.channel.listen([bench.keys.channel], {
      onMessage: (_, text) => {
        const message = decodeMessage(text);
        if (message?.kind === 'heartbeat') counted.beat = message.count;
        else heard.push(text);
      },
      onLost: () => {
        counted.lost += 1;
      },
    });
    let beats = 0;
    const beat = async (): Promise<void> => {
      beats += 1;
      await bench.pulse(process, encodeHeartbeat('a', beats));
    };
    /** Resolves when a heartbeat that is sent from now on has come back. */
    const untilWhole = async (): Promise<void> => {
      const since = beats;
      await eventually(
        async () => {
          await beat();
          return counted.beat;
        },
        (count) => count > since,
      );
    };
    await untilWhole();
    return { process, heard, untilWhole, beat, counted };
  };
  const change = (token: string): string => encodeChange(token, bench.on('0'));

  test('hears what was announced before its heartbeat, wherever the registry is', async () => {
    const { process, heard, untilWhole } = await listening();
    const slot = await bench.cluster.slotOf(bench.keys.registry);
    for (const [n, to] of bench.cluster.masters.entries()) {
      await bench.cluster.moveSlot(slot, to);
      await untilWhole();
      await process.store.fence(bench.on('0'), `w${n}`, LONG_MS);
      await untilWhole();
      expect(heard).toContain(change(`w${n}`));
    }
  });

  test('counts all as lost when a message comes from another server than that of the registry', async () => {
    const { heard, counted } = await listening();
    const before = counted.lost;
    const stranger = 'f'.repeat(40);
    await bench.cluster.masters[0]?.tell(
      'PUBLISH',
      bench.keys.channel,
      `${stranger}\0${encodeHeartbeat('a', 99_999)}`,
    );
    await eventually(
      () => counted.lost,
      (times) => times > before,
    );
    await bench.cluster.masters[1]?.tell('PUBLISH', bench.keys.channel, `${stranger}\0${change('w')}`);
    await eventually(
      () => heard,
      (all) => all.includes(change('w')),
    );
    // A change is confirmed, since all is forgotten; a heartbeat would say that nothing is missing.
    expect(counted.beat).toBeLessThan(99_999);
  });

  test('is waited for as long as it may answer from memory when the registry was made anew', async () => {
    const { beat } = await listening();
    const other = await bench.join('b');
    await bench.pulse(other);
    await tellOwner(bench.cluster, bench.keys.registry, 'DEL', bench.keys.registry);
    await bench.pulse(other);
    const { heard, awaited, registryAgeMs } = await other.store.fence(bench.on('0'), 'w', LONG_MS);
    expect(awaited).toEqual([]);
    expect(registryAgeMs).toBeLessThan(20_000);
    // Whoever listens, wherever: nobody can tell how many they are.
    expect(heard).toBe(Number.MAX_SAFE_INTEGER);
    await beat();
    expect((await other.store.fence(bench.on('0'), 'w2', LONG_MS)).awaited).toMatchObject([{ process: 'a' }]);
  });

  test('finds the servers by any of the URLs, as the user of the first, who has the documented rights and no others', async () => {
    for (const node of bench.cluster.masters)
      await node.tell('ACL', 'SETUSER', 'app', 'reset', ...documentedRights(bench.keys.registry));
    const secret = bench.cluster.urls.map((url) => url.replace('redis://', 'redis://app:secret@'));
    for (const node of bench.cluster.masters) await node.tell('ACL', 'SETUSER', 'default', 'off');
    const open = clusterOpener({
      ...CLUSTER_SETTINGS,
      urls: ['redis://app:secret@127.0.0.1:1', secret[1] ?? ''],
    });
    const { store } = open({ keys: bench.keys, process: 'a', logger: silentLogger });
    try {
      await store.connect();
      await store.ping();
      expect(await bench.pulse({ store })).toMatchObject({ count: 1 });
      await bench.put({ store }, IDS);
      const places = await store.values.look([bench.keys.value('x')], [bench.keys.namespace], null);
      expect(places.places).toEqual([{ kind: 'none' }]);
      expect((await store.fence(bench.on(...IDS), 'w', LONG_MS)).awaited).toEqual([]);
      expect(await store.lift(bench.on(...IDS), 'w')).toBeNull();
    } finally {
      await store.close();
      for (const node of bench.cluster.masters) await node.tell('ACL', 'SETUSER', 'default', 'on');
    }
  });

  test('that finds no server says so', async () => {
    const { store } = clusterOpener({ ...CLUSTER_SETTINGS, urls: ['redis://127.0.0.1:1'] })({
      keys: bench.keys,
      process: 'a',
      logger: silentLogger,
    });
    await store.connect();
    await expect(store.ping()).rejects.toThrow('Are they servers of a cluster?');
    await store.close();
  });

  test('knows the slot of any key as the servers do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom('{', '}', 'a', 'b', 'ü', ' ') }), async (key) => {
        expect(slotOf(key)).toBe(await bench.cluster.slotOf(key));
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is sent', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** What is sent and answered meanwhile, in order. */
  const observed = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    const seen: string[] = [];
    const { run } = RedisConnection.prototype;
    jest.spyOn(RedisConnection.prototype, 'run').mockImplementation(async function (
      this: RedisConnection,
      ...call
    ) {
      seen.push('sent');
      const answer = await run.apply(this, call);
      seen.push('answered');
      return answer;
    });
    await work();
    jest.restoreAllMocks();
    return seen;
  };
  /** How often something was sent after an answer had come. */
  const roundTrips = (seen: readonly string[]): number =>
    seen.filter((what, place) => what === 'sent' && seen[place - 1] !== 'sent').length;

  test('by a read of ten keys is one round trip to each server, when the versions were seen before', async () => {
    const a = await bench.join('a');
    await bench.put(a, IDS);
    const seen = await observed(async () => expect(await bench.look(a)).toEqual(all('hit')));
    expect(roundTrips(seen)).toBe(1);
    // Ten entries, the rows with their absence, and the namespace.
    expect(seen.filter((what) => what === 'sent').length).toBe(12);
  });

  test('by a read is a second round trip, when the versions have changed since', async () => {
    const [a, b] = await Promise.all([bench.join('a'), bench.join('b')]);
    await bench.put(a, IDS);
    await b.store.lift({ keys: [], guards: [bench.rows] }, 'w');
    const seen = await observed(async () => expect(await bench.look(a)).toEqual(all('lease')));
    expect(roundTrips(seen)).toBe(2);
  });

  test('by a fill, and by a fence, is one round trip to each server, and one more to announce', async () => {
    const a = await bench.join('a');
    const { versions } = await a.store.read(
      bench.scope,
      IDS.map((id) => bench.keyOf(id)),
      't',
      LONG_MS,
    );
    const fills = IDS.map((id) => ({
      key: bench.keyOf(id),
      token: 't',
      versions,
      value: Uint8Array.of(1),
      ttlMs: LONG_MS,
    }));
    expect(roundTrips(await observed(() => a.store.fill(bench.scope, fills)))).toBe(1);
    expect(roundTrips(await observed(() => a.store.fence(bench.on(...IDS), 'w', LONG_MS)))).toBe(2);
    expect(roundTrips(await observed(() => a.store.lift(bench.on(...IDS), 'w')))).toBe(1);
  });

  test('by a read whose guess was wrong displaces nothing that others have filled meanwhile', async () => {
    const [a, b] = await Promise.all([bench.join('a'), bench.join('b')]);
    await bench.put(a, ['0']);
    await b.store.lift({ keys: [], guards: [bench.rows] }, 'w');
    await bench.put(b, ['0'], 2);
    expect(await bench.look(a, ['0'])).toEqual(['hit']);
  });

  test('by a scan finds all keys on all servers, and no others', async () => {
    const a = await bench.join('a');
    await bench.put(a, IDS);
    await tellOwner(bench.cluster, 'elsewhere', 'SET', 'elsewhere', '1');
    const found: string[] = [];
    for await (const some of a.store.values.scan(bench.keyOf('').slice(0, -1))) found.push(...some);
    expect(new Set(found)).toEqual(new Set(IDS.map((id) => bench.keyOf(id))));
  });
});
