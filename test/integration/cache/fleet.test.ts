import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import { decodeMessage, encodeHeartbeat, type Message } from '../../../src/cache/store/announcement.js';
import type { PulseReply, PulseRequest, Scope } from '../../../src/cache/store/shared-store.js';
import { eventually } from '../../support/eventually.js';
import {
  type OpenRedisStore,
  openRedisClient,
  openRedisStore,
  passOnServer,
  type RedisClient,
} from '../../support/redis-stores.js';
import { ownRedis, sharedRedis } from '../../support/servers.js';

const LONG_MS = 60_000;
const SHORT_MS = 30;
const PAST_SHORT_MS = 45;

const things = { table: 'things', schema: null };
const request = { strict: true, leaseMs: LONG_MS, heartbeat: 'nothing', maxGapMs: LONG_MS };

describe('the processes of a fleet, as the registry in Redis knows them', () => {
  const { url } = sharedRedis();
  let keys: KeySpace;
  let client: RedisClient;
  let opened: OpenRedisStore[];

  beforeAll(async () => {
    client = await openRedisClient(url);
  });
  beforeEach(() => {
    keys = new KeySpace(sharedRedis().keyPrefix);
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map(({ store }) => store.close()));
  });
  afterAll(() => client.destroy());

  /** A process with a connection of its own. */
  const join = async (name: string): Promise<OpenRedisStore> => {
    const process = await openRedisStore(url, keys, name);
    opened.push(process);
    return process;
  };
  const pulse = async (
    { store }: OpenRedisStore,
    changes: Partial<PulseRequest> = {},
  ): Promise<PulseReply> => {
    const reply = await store.pulse({ ...request, channel: keys.channel, ...changes });
    if (reply === null) throw new Error('no reply');
    return reply;
  };
  const onThing = () => ({ keys: [keys.entity(things, '1')], guards: [] });
  const fence = ({ store }: OpenRedisStore) => store.fence(onThing(), 'w', LONG_MS);
  const awaitedBy = async (process: OpenRedisStore): Promise<string[]> =>
    (await fence(process)).awaited.map((awaited) => awaited.process).sort();

  describe('are awaited by a writer', () => {
    test('when they are alive and answer from memory under a lease: the others, not the writer itself', async () => {
      const [a, b, c] = await Promise.all([join('a'), join('b'), join('c')]);
      await Promise.all([a, b, c].map((process) => pulse(process)));
      expect(await awaitedBy(a)).toEqual(['b', 'c']);
      expect(await awaitedBy(b)).toEqual(['a', 'c']);
    });

    test('not when they answer nothing from memory, or under no lease', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      await pulse(b, { strict: false });
      expect(await awaitedBy(a)).toEqual([]);
      await pulse(b, { strict: true });
      expect(await awaitedBy(a)).toEqual(['b']);
    });

    test('not when their time is up, though nobody has cleaned up', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      await pulse(b, { leaseMs: SHORT_MS });
      await passOnServer(client, PAST_SHORT_MS);
      expect(await awaitedBy(a)).toEqual([]);
    });

    test('for as long as they may answer, and no longer', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      await pulse(b);
      await passOnServer(client, SHORT_MS);
      const [awaited] = (await fence(a)).awaited;
      expect(awaited?.withinMs).toBeGreaterThan(LONG_MS - 10_000);
      expect(awaited?.withinMs).toBeLessThanOrEqual(LONG_MS - SHORT_MS + 1);
    });

    test('by one that is not registered itself as well', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      await pulse(a);
      expect(await awaitedBy(b)).toEqual(['a']);
    });

    test('when a write ends whose fence was lost, and when something is invalidated', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      await pulse(b);
      await fence(a);
      await client.del(`${keys.entity(things, '1')}:fence`);
      expect((await a.store.lift(onThing(), 'w'))?.awaited).toMatchObject([{ process: 'b' }]);
      expect((await a.store.lift(onThing(), 'unknown'))?.awaited).toMatchObject([{ process: 'b' }]);
    });

    test('not by a fleet of another prefix', async () => {
      await pulse(await join('a'));
      keys = new KeySpace(sharedRedis().keyPrefix);
      expect(await awaitedBy(await join('b'))).toEqual([]);
    });
  });

  describe('agree on', () => {
    test('how many they are, and on the place of each', async () => {
      const fleet = await Promise.all(['c', 'a', 'b', 'd'].map((name) => join(name)));
      for (const process of fleet) await pulse(process);
      for (let round = 0; round < 3; round += 1) {
        const replies = await Promise.all(fleet.map((process) => pulse(process)));
        expect(replies.map(({ count }) => count)).toEqual([4, 4, 4, 4]);
        expect(replies.map(({ rank }) => rank)).toEqual([2, 0, 1, 3]);
      }
    });

    test('who is no longer among them, whether it has a near cache or not', async () => {
      const [a, b, c] = await Promise.all([join('a'), join('b'), join('c')]);
      await pulse(a, { strict: false, leaseMs: SHORT_MS });
      await pulse(b);
      await passOnServer(client, PAST_SHORT_MS);
      expect(await pulse(c, { strict: false })).toMatchObject({ rank: 1, count: 2 });
      expect(await client.hKeys(keys.registry)).not.toContain('a');
    });

    test('the time, which is that of the server', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      const first = await pulse(a);
      await passOnServer(client, SHORT_MS);
      const second = await pulse(b);
      expect(second.nowMs - first.nowMs).toBeGreaterThanOrEqual(SHORT_MS - 1);
      expect(second.nowMs - first.nowMs).toBeLessThan(10_000);
    });
  });

  describe('have been heard without a gap', () => {
    test('since the first, when none has been here before', async () => {
      // The first pulse on a connection may know that nobody else can have been here.
      const a = await join('a');
      await pulse(a);
      await client.del(keys.registry);
      expect((await pulse(a)).upForMs).toBe(0);
      await passOnServer(client, SHORT_MS);
      expect((await pulse(a)).upForMs).toBeGreaterThanOrEqual(SHORT_MS - 1);
    });

    test('for ever, when the first finds a server that was up for long and knows nobody', async () => {
      await eventually(
        async () => Number(/^uptime_in_seconds:(\d+)/m.exec(await client.info('server'))?.[1]),
        (uptime) => uptime >= 6,
        10_000,
      );
      expect((await pulse(await join('a'))).upForMs).toBeGreaterThan(1_000_000);
      expect((await pulse(await join('b'))).upForMs).toBeGreaterThan(1_000_000);
    });

    test('since the end of a gap of all of them', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      await pulse(a);
      await pulse(b);
      await passOnServer(client, PAST_SHORT_MS);
      expect((await pulse(a, { maxGapMs: SHORT_MS })).upForMs).toBe(0);
      expect((await pulse(b, { maxGapMs: LONG_MS })).upForMs).toBeLessThan(10_000);
    });

    test('also where one was silent until it was forgotten, and where one has just come', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      await pulse(a, { leaseMs: SHORT_MS });
      await client.hSet(keys.registry, 'up', String((await pulse(b)).nowMs));
      await passOnServer(client, PAST_SHORT_MS);
      const replies = [await pulse(b), await pulse(a), await pulse(await join('new'))];
      for (const { upForMs } of replies) {
        expect(upForMs).toBeGreaterThanOrEqual(SHORT_MS);
        expect(upForMs).toBeLessThan(10_000);
      }
    });
  });

  describe('when their registry is lost', () => {
    test('a writer learns that it is young, and may not know all', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      await pulse(a);
      await pulse(b);
      await passOnServer(client, SHORT_MS);
      expect((await fence(a)).registryAgeMs).toBeGreaterThanOrEqual(SHORT_MS - 1);
      await client.del(keys.registry);
      expect(await fence(a)).toMatchObject({ awaited: [], registryAgeMs: 0 });
      await pulse(a);
      const { registryAgeMs, awaited } = await fence(a);
      expect(registryAgeMs).toBeLessThan(10_000);
      expect(awaited).toEqual([]);
      await pulse(b);
      expect(await awaitedBy(a)).toEqual(['b']);
    });

    test('they count as heard from then on only', async () => {
      const a = await join('a');
      await pulse(a);
      await passOnServer(client, SHORT_MS);
      await client.del(keys.registry);
      expect((await pulse(a)).upForMs).toBe(0);
    });
  });

  describe('that leave', () => {
    test('are not awaited, and the others stay', async () => {
      const [a, b, c] = await Promise.all([join('a'), join('b'), join('c')]);
      await Promise.all([a, b, c].map((process) => pulse(process)));
      await b.store.leave();
      expect(await awaitedBy(a)).toEqual(['c']);
      expect(await pulse(a)).toMatchObject({ count: 2 });
    });

    test('take the registry with them when they are the last', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      await pulse(a);
      await pulse(b);
      await a.store.leave();
      expect(await client.exists(keys.registry)).toBe(1);
      await b.store.leave();
      expect(await client.exists(keys.registry)).toBe(0);
    });

    test('leave the registry to one that is silent, and may not know that it missed something', async () => {
      const [a, b] = await Promise.all([join('a'), join('b')]);
      await pulse(a, { leaseMs: SHORT_MS });
      await pulse(b);
      await passOnServer(client, PAST_SHORT_MS);
      await b.store.leave();
      expect(await client.exists(keys.registry)).toBe(1);
    });

    test('may do so twice, or without having come', async () => {
      const a = await join('a');
      await a.store.leave();
      await pulse(a);
      await a.store.leave();
      await a.store.leave();
      expect(await client.exists(keys.registry)).toBe(0);
    });
  });

  describe('hear on their channel', () => {
    let heard: Message[];
    let a: OpenRedisStore;
    let b: OpenRedisStore;

    beforeEach(async () => {
      heard = [];
      [a, b] = await Promise.all([join('a'), join('b')]);
      b.connection.listen([keys.channel], {
        onMessage: (_, text) => {
          const message = decodeMessage(text);
          if (message !== null) heard.push(message);
        },
        onLost: () => undefined,
      });
      await eventually(
        async () => (await client.pubSubNumSub([keys.channel]))[keys.channel],
        (listeners) => listeners === 1,
      );
    });
    const heartbeat = (count: number) => encodeHeartbeat('b', count);
    const untilHeartbeat = (count: number) =>
      eventually(
        () => heard,
        () => heard.some((message) => message.kind === 'heartbeat' && message.count === count),
      );

    test('what is fenced, by whom, and how many have heard it', async () => {
      const rows = keys.rows(things);
      const targets = { keys: [keys.entity(things, 'ü'), keys.entity(things, '2')], guards: [rows] };
      expect((await a.store.fence(targets, 'a.1', LONG_MS)).heard).toBe(1);
      await pulse(b, { heartbeat: heartbeat(1) });
      await untilHeartbeat(1);
      expect(heard).toEqual([
        { kind: 'change', token: 'a.1', keys: targets.keys, versions: [rows.version] },
        { kind: 'heartbeat', process: 'b', count: 1 },
      ]);
    });

    test('nothing of a lift whose fences stood, and of every other', async () => {
      await fence(a);
      await a.store.lift(onThing(), 'w');
      await a.store.lift(onThing(), 'unknown');
      await pulse(b, { heartbeat: heartbeat(1) });
      await untilHeartbeat(1);
      const tokens = heard.flatMap((message) => (message.kind === 'change' ? [message.token] : []));
      expect(tokens).toEqual(['w', 'unknown!']);
    });

    test('their own heartbeat after all that was announced before it', async () => {
      for (let count = 1; count <= 20; count += 1) {
        await a.store.lift(onThing(), `a.${count}`);
        await pulse(b, { heartbeat: heartbeat(count) });
      }
      await untilHeartbeat(20);
      const kinds = heard.map((message) => message.kind);
      expect(kinds).toEqual(Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? 'change' : 'heartbeat')));
    });

    test('no heartbeat that goes through another one', async () => {
      await pulse(a, { channel: keys.acknowledgements('a'), heartbeat: heartbeat(7) });
      await pulse(b, { heartbeat: heartbeat(1) });
      await untilHeartbeat(1);
      expect(heard).toHaveLength(1);
    });
  });

  describe('who come back to', () => {
    const scope = (): Scope => ({
      guards: [keys.namespace, keys.rows(things)],
      absence: keys.absence(things),
      shape: 'shape--1',
      keyed: true,
    });
    const key = () => keys.entity(things, '1');
    const put = async ({ store }: OpenRedisStore): Promise<void> => {
      const { versions } = await store.read(scope(), [key()], 'a', LONG_MS);
      const fill = { key: key(), token: 'a', versions, value: Uint8Array.of(1), ttlMs: LONG_MS };
      expect(await store.fill(scope(), [fill])).toBe(1);
    };
    const look = async ({ store }: OpenRedisStore) =>
      (await store.read(scope(), [key()], 'b', LONG_MS)).outcomes[0]?.kind;

    test('the same server find all as it was', async () => {
      const a = await join('a');
      await pulse(a);
      await put(a);
      const version = await client.get(keys.namespace.version);
      const b = await join('b');
      expect(await client.get(keys.namespace.version)).toBe(version);
      expect(await client.exists(keys.registry)).toBe(1);
      expect(await look(b)).toBe('hit');
    });

    test('another server find everything invalid, and a registry that knows nobody', async () => {
      const a = await join('a');
      await pulse(a);
      await put(a);
      const version = await client.get(keys.namespace.version);
      await client.set(keys.identity, 'the run id of another server');
      const b = await join('b');
      expect(await client.get(keys.namespace.version)).not.toBe(version);
      expect(await client.exists(keys.registry)).toBe(0);
      expect(await look(b)).toBe('lease');
      expect(await client.get(keys.identity)).toMatch(/^[0-9a-f]{40}$/);
    });

    test('another server change its namespace once, however many they are', async () => {
      await put(await join('a'));
      await client.set(keys.identity, 'the run id of another server');
      await put(await join('b'));
      expect(await look(await join('c'))).toBe('hit');
    });

    test('a server that restarted with its data get no hit from the time before', async () => {
      const server = await ownRedis({ appendOnly: true });
      try {
        const a = await openRedisStore(server.url, keys, 'a');
        opened.push(a);
        await pulse(a);
        await put(a);
        expect(await look(a)).toBe('hit');
        await server.restart();
        expect(
          await eventually(
            () => look(a).catch(() => 'away'),
            (kind) => kind !== 'away',
          ),
        ).toBe('lease');
      } finally {
        await server.stop();
      }
    });
  });
});
