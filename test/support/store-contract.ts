import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../src/cache/keys.js';
import type { Fill, ReadReply, SharedStore } from '../../src/cache/shared-store.js';
import { eventually } from './eventually.js';

/** A store, as two processes see it. */
export interface StoreUnderTest {
  readonly first: SharedStore;
  readonly second: SharedStore;
  readonly prefix: string;
  /** Lets this much time pass, for what the store forgets by itself. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const LEASE_MS = 60_000;
const FENCE_MS = 60_000;

/** What every shared store must do, whatever it is made of. The invariants are those of `SharedStore`. */
export function describeStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the contract of a shared store, kept by ${name}`, () => {
    let under: StoreUnderTest;
    let one: SharedStore;
    let two: SharedStore;
    let keys: KeySpace;

    beforeEach(async () => {
      under = await open();
      one = under.first;
      two = under.second;
      keys = new KeySpace(under.prefix, 'shape');
    });
    afterEach(() => under.close());

    const user = (id: string) => keys.entry('User', id);
    const read = (store: SharedStore, id: string, token: string): Promise<ReadReply> =>
      store.read(keys.scope('User'), [user(id)], token, LEASE_MS);
    const kind = async (store: SharedStore, id: string, token = 'looker'): Promise<string | undefined> =>
      (await read(store, id, token)).outcomes[0]?.kind;
    const fillOf = (
      id: string,
      token: string,
      guard: string,
      value: string | null,
      ttlMs = 60_000,
    ): Fill => ({
      key: user(id),
      token,
      guard,
      value: value === null ? null : bytes(value),
      ttlMs,
    });
    const fill = (store: SharedStore, ...fills: Fill[]): Promise<number> =>
      store.fill(keys.scope('User'), fills);
    const put = async (store: SharedStore, id: string, value: string): Promise<void> => {
      const { guard } = await read(store, id, `put-${id}`);
      expect(await fill(store, fillOf(id, `put-${id}`, guard, value))).toBe(1);
    };
    const only = (id: string) => ({ keys: [user(id)], scopes: [] });
    const wholeModel = () => ({ keys: [], scopes: [keys.scope('User')] });

    test('gives the first reader of a missing key the lease, and the second none', async () => {
      expect(await kind(one, '1', 'a')).toBe('lease');
      expect(await kind(two, '1', 'b')).toBe('busy');
    });

    test('gives what the lease holder filled to every reader', async () => {
      await put(one, '1', 'value');
      const [outcome] = (await read(two, '1', 'b')).outcomes;
      expect(outcome?.kind === 'hit' && new TextDecoder().decode(outcome.value)).toBe('value');
    });

    test('keeps any bytes as they are', async () => {
      const value = new Uint8Array(512).map((_, index) => index % 256);
      const { guard } = await read(one, '1', 'a');
      await fill(one, { key: user('1'), token: 'a', guard, value, ttlMs: 60_000 });
      const [outcome] = (await read(two, '1', 'b')).outcomes;
      expect(outcome?.kind === 'hit' && [...outcome.value]).toEqual([...value]);
    });

    test('answers a batch in the order of its keys', async () => {
      await put(one, '2', 'two');
      await one.fence(only('3'), 'w', FENCE_MS);
      const { outcomes } = await two.read(
        keys.scope('User'),
        [user('1'), user('2'), user('3')],
        'b',
        LEASE_MS,
      );
      expect(outcomes.map((outcome) => outcome.kind)).toEqual(['lease', 'hit', 'fenced']);
    });

    test('refuses a fill by who holds no lease, or another', async () => {
      const { guard } = await read(one, '1', 'a');
      expect(await fill(two, fillOf('1', 'b', guard, 'wrong'))).toBe(0);
      expect(await fill(two, fillOf('2', 'b', guard, 'wrong'))).toBe(0);
      expect(await kind(one, '1')).toBe('busy');
    });

    test('refuses a second fill on one lease', async () => {
      const { guard } = await read(one, '1', 'a');
      expect(await fill(one, fillOf('1', 'a', guard, 'first'))).toBe(1);
      expect(await fill(one, fillOf('1', 'a', guard, 'second'))).toBe(0);
    });

    test('gives the lease to the next reader when it was given back', async () => {
      const { guard } = await read(one, '1', 'a');
      expect(await fill(one, fillOf('1', 'a', guard, null))).toBe(1);
      expect(await kind(two, '1', 'b')).toBe('lease');
    });

    test('stores those of several fills that may be stored', async () => {
      const { guard } = await one.read(keys.scope('User'), [user('1'), user('2')], 'a', LEASE_MS);
      await two.fence(only('1'), 'w', FENCE_MS);
      expect(await fill(one, fillOf('1', 'a', guard, 'old'), fillOf('2', 'a', guard, 'good'))).toBe(1);
      expect(await kind(two, '2')).toBe('hit');
    });

    test('shows no value behind a fence, and gives no lease', async () => {
      await put(one, '1', 'old');
      await two.fence(only('1'), 'w', FENCE_MS);
      expect(await kind(one, '1', 'a')).toBe('fenced');
    });

    test('refuses the fill of a load that began before the fence, also after it was lifted', async () => {
      const { guard } = await read(one, '1', 'a');
      await two.fence(only('1'), 'w', FENCE_MS);
      expect(await fill(one, fillOf('1', 'a', guard, 'old'))).toBe(0);
      await two.lift(only('1'), 'w');
      expect(await fill(one, fillOf('1', 'a', guard, 'old'))).toBe(0);
      expect(await kind(one, '1', 'c')).toBe('lease');
    });

    test('keeps a key fenced until the last of its writers has lifted', async () => {
      await one.fence(only('1'), 'w1', FENCE_MS);
      await two.fence(only('1'), 'w2', FENCE_MS);
      await one.lift(only('1'), 'w1');
      expect(await kind(one, '1')).toBe('fenced');
      await two.lift(only('1'), 'w2');
      expect(await kind(one, '1')).toBe('lease');
    });

    test('takes away at the lift what was filled meanwhile, as after an evicted fence', async () => {
      await put(one, '1', 'filled behind a lost fence');
      await two.lift(only('1'), 'w');
      expect(await kind(one, '1')).toBe('lease');
    });

    test('leaves other keys and other models alone when one key is fenced', async () => {
      await put(one, '2', 'other');
      await one.fence(only('1'), 'w', FENCE_MS);
      await one.lift(only('1'), 'w');
      expect(await kind(two, '2')).toBe('hit');
    });

    test('invalidates every entry of a model that is fenced, and no other model', async () => {
      await put(one, '1', 'old');
      const project = await one.read(keys.scope('Project'), [keys.entry('Project', '1')], 'p', LEASE_MS);
      const projectFill = {
        key: keys.entry('Project', '1'),
        token: 'p',
        guard: project.guard,
        value: bytes('p'),
        ttlMs: 60_000,
      };
      expect(await one.fill(keys.scope('Project'), [projectFill])).toBe(1);

      await two.fence(wholeModel(), 'w', FENCE_MS);
      expect(await kind(one, '1')).toBe('fenced');
      expect(await kind(one, 'never read')).toBe('fenced');
      await two.lift(wholeModel(), 'w');
      expect(await kind(one, '1')).toBe('lease');
      const after = await two.read(keys.scope('Project'), [keys.entry('Project', '1')], 'q', LEASE_MS);
      expect(after.outcomes[0]?.kind).toBe('hit');
    });

    test('refuses a fill whose model was fenced and lifted since its lease', async () => {
      const { guard } = await read(one, '1', 'a');
      await two.fence(wholeModel(), 'w', FENCE_MS);
      await two.lift(wholeModel(), 'w');
      expect(await fill(one, fillOf('1', 'a', guard, 'old'))).toBe(0);
    });

    test('refuses a fill by who read while the model was fenced', async () => {
      await two.fence(wholeModel(), 'w', FENCE_MS);
      expect(await kind(one, '1', 'a')).toBe('fenced');
      const { guard } = await read(one, '1', 'a');
      expect(await fill(one, fillOf('1', 'a', guard, 'old'))).toBe(0);
    });

    test('invalidates everything when the epoch of the namespace changes, loads under way included', async () => {
      await put(one, '1', 'old');
      const { guard } = await read(one, '2', 'a');
      await two.changeEpoch(keys.epochKey);
      expect(await kind(one, '1', 'b')).toBe('lease');
      expect(await fill(one, fillOf('2', 'a', guard, 'old'))).toBe(0);
    });

    test('forgets a value when its time is over', async () => {
      const { guard } = await read(one, '1', 'a');
      await fill(one, fillOf('1', 'a', guard, 'short', 30));
      await under.advance(40);
      expect(
        await eventually(
          () => kind(two, '1', 'b'),
          (seen) => seen !== 'hit',
        ),
      ).toBe('lease');
    });

    test('forgets a lease whose reader died', async () => {
      await one.read(keys.scope('User'), [user('1')], 'dead', 30);
      await under.advance(40);
      expect(
        await eventually(
          () => kind(two, '1', 'b'),
          (seen) => seen !== 'busy',
        ),
      ).toBe('lease');
    });

    test('forgets the fence of a writer that died, though another writer keeps the key fenced', async () => {
      await one.fence(only('1'), 'dead', 30);
      await under.advance(40);
      await two.fence(only('1'), 'alive', FENCE_MS);
      await eventually(
        async () => {
          await two.fence(only('1'), 'alive', FENCE_MS);
          await two.lift(only('1'), 'alive');
          return kind(two, '1', 'b');
        },
        (seen) => seen === 'lease',
      );
    });

    test('answers a ping', async () => {
      await expect(one.ping()).resolves.toBeUndefined();
    });
  });
}
