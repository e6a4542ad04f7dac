import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeGlob, matcherOf } from '../../../src/cache/patterns/index.js';
import { openRedisClient, type RedisClient } from '../../support/redis-stores.js';
import { sharedRedis } from '../../support/servers.js';

// Few characters, all that mean something among them, so that many globs mean many names.
const character = fc.constantFrom(...'abc-^[]*?\\:');
const names = [
  ...new Set([
    ...fc.sample(fc.string({ unit: character, minLength: 1, maxLength: 4 }), { numRuns: 300, seed: 1 }),
    ...[...'abc-^[]*?\\:'].flatMap((one) => [one, `a${one}`, `${one}b`, `a${one}b`, `${one}${one}`]),
  ]),
];

let client: RedisClient;
let keyPrefix: string;

beforeAll(async () => {
  const shared = sharedRedis();
  keyPrefix = `${shared.keyPrefix}/`;
  client = await openRedisClient(shared.url);
  await client.mSet(names.map((name): [string, string] => [`${keyPrefix}${name}`, '']));
});

afterAll(async () => {
  await client.del(names.map((name) => `${keyPrefix}${name}`));
  client.destroy();
});

test('a glob of ASCII means the same keys as it does to Redis', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: character, minLength: 1, maxLength: 8 }), async (glob) => {
      const found = await client.keys(`${escapeGlob(keyPrefix)}${glob}`);
      const matcher = matcherOf(glob);
      const matches = matcher.matches(names);
      const expected = found.map((key) => key.slice(keyPrefix.length)).sort();
      expect(names.filter((_, index) => matches[index]).sort()).toEqual(expected);
      expect(expected.filter((name) => !name.startsWith(matcher.literalBeginning))).toEqual([]);
    }),
    { numRuns: 3_000 },
  );
}, 120_000);
