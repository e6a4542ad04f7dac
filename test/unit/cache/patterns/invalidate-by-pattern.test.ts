import { describe, expect, test } from '@jest/globals';
import {
  invalidateByPattern,
  matcherOf,
  type NamedKey,
  type PatternInvalidation,
  type PatternProgress,
  PatternTimeoutError,
} from '../../../../src/cache/patterns/index.js';

async function* inSteps(...steps: readonly (readonly string[])[]): AsyncIterable<readonly string[]> {
  yield* steps;
}

/** An invalidation whose keys are names behind `k/`, and what it was asked to invalidate. */
function invalidation(
  scan: PatternInvalidation['scan'],
  pattern: string | RegExp,
  more: Partial<PatternInvalidation> = {},
) {
  const calls: (readonly NamedKey[])[] = [];
  const run = () =>
    invalidateByPattern({
      scan,
      matcher: matcherOf(pattern, { timeLimitMs: 1_000 }),
      namesOf: (keys) => keys.map((key) => (key.startsWith('k/') ? key.slice(2) : null)),
      invalidate: async (found) => {
        calls.push(found);
        return true;
      },
      ...more,
    });
  return { calls, run };
}

describe('an invalidation by pattern', () => {
  test('invalidates what matches in each step, and reports it', async () => {
    const { calls, run } = invalidation(
      inSteps(['k/user:1', 'k/other', 'alien'], [], ['k/user:2']),
      'user:*',
    );
    expect(await run()).toEqual({
      scanned: 4,
      matched: 2,
      invalidated: 2,
      failed: 0,
      tookMs: expect.any(Number),
    });
    expect(calls).toEqual([[{ key: 'k/user:1', name: 'user:1' }], [{ key: 'k/user:2', name: 'user:2' }]]);
  });

  test('takes no more keys at once than its batch, and asks for nothing where none matches', async () => {
    const keys = Array.from({ length: 5 }, (_, index) => `k/${index < 2 ? 'b' : 'a'}${index}`);
    const { calls, run } = invalidation(inSteps(keys), 'a*', { batch: 2 });
    expect(await run()).toMatchObject({ scanned: 5, matched: 3, invalidated: 3 });
    expect(calls.map((call) => call.map(({ name }) => name))).toEqual([['a2', 'a3'], ['a4']]);
  });

  test('tells after each step how far it is', async () => {
    const seen: PatternProgress[] = [];
    const onProgress = (progress: PatternProgress) => void seen.push(progress);
    await invalidation(inSteps(['k/a', 'k/b'], ['k/a']), /^a$/, { onProgress }).run();
    expect(seen).toEqual([
      { scanned: 2, matched: 1, invalidated: 1, failed: 0 },
      { scanned: 3, matched: 2, invalidated: 2, failed: 0 },
    ]);
  });

  test('goes on where the store did not confirm a step, and counts it as failed', async () => {
    let asked = 0;
    const invalidate = async () => asked++ > 0;
    const { run } = invalidation(inSteps(['k/a', 'k/a2'], ['k/a3']), 'a*', { invalidate });
    expect(await run()).toMatchObject({ matched: 3, invalidated: 1, failed: 2 });
  });

  test('lets others have their turn between two steps', async () => {
    let turns = 0;
    const timer = setImmediate(function turn() {
      turns += 1;
      if (turns < 100) setImmediate(turn);
    });
    await invalidation(inSteps(...Array.from({ length: 10 }, () => ['k/a'])), 'a').run();
    clearImmediate(timer);
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  test('ends with an error where an expression takes too long, after what it had found before', async () => {
    const { calls, run } = invalidation(inSteps(['k/aaa'], [`k/${'a'.repeat(100)}!`], ['k/aa']), /^(a+)+$/);
    await expect(run()).rejects.toThrow(PatternTimeoutError);
    expect(calls).toHaveLength(1);
  });

  test('asks for the names of all keys of a step at once', async () => {
    const asked: (readonly string[])[] = [];
    const namesOf = async (keys: readonly string[]) => {
      asked.push(keys);
      return keys.map(() => 'a');
    };
    expect(await invalidation(inSteps(['x', 'y'], ['z']), 'a', { namesOf }).run()).toMatchObject({
      matched: 3,
    });
    expect(asked).toEqual([['x', 'y'], ['z']]);
  });
});
