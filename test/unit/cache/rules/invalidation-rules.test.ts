import { beforeEach, describe, expect, test } from '@jest/globals';
import { InvalidationRules, type Invalidator } from '../../../../src/cache/rules/index.js';
import { type Logger, type LogMethod, silentLogger } from '../../../../src/config/index.js';
import { InvalidArgumentError } from '../../../../src/errors.js';
import { ManualClock } from '../../../support/manual-clock.js';

interface Events {
  'user.updated': { readonly id: string };
  'price.changed': { readonly articles: readonly string[] };
}

let asked: unknown[];
let logged: [string, object][];
let answer: { confirmed: boolean; failed: number };
let clock: ManualClock;
let rules: InvalidationRules<Events>;

function recordingLogger(): Logger {
  const at =
    (level: string): LogMethod =>
    (context: object | string) =>
      void logged.push([level, context as object]);
  return { ...silentLogger, warn: at('warn'), error: at('error') };
}

beforeEach(() => {
  asked = [];
  logged = [];
  answer = { confirmed: true, failed: 0 };
  clock = new ManualClock();
  const asks = async (...what: unknown[]) => {
    asked.push(what);
    return answer.confirmed;
  };
  const invalidator: Invalidator = {
    keys: (names) => asks('keys', names),
    tags: (tags) => asks('tags', tags),
    dependents: (name) => asks('dependents', name),
    pattern: async (pattern) => {
      await asks('pattern', pattern);
      return { invalidated: 7, failed: answer.failed };
    },
  };
  rules = new InvalidationRules<Events>({ invalidator, logger: recordingLogger(), clock });
});

describe('a rule', () => {
  test('invalidates what it says of an event, each kind by its own means', async () => {
    rules.on('user.updated', {
      name: 'all of a user',
      keys: ({ id }) => [`user:${id}`, `profile:${id}`],
      tags: async ({ id }) => [`of:${id}`],
      patterns: ({ id }) => [`search:${id}:*`, /x/],
      dependents: ({ id }) => [`team-of:${id}`],
    });
    await rules.emit('user.updated', { id: 'a' });
    expect(asked).toEqual([
      ['keys', ['user:a', 'profile:a']],
      ['tags', ['of:a']],
      ['dependents', 'team-of:a'],
      ['pattern', 'search:a:*'],
      ['pattern', /x/],
    ]);
    expect(rules.getStatistics().get('all of a user')).toMatchObject({
      times: 1,
      invalidated: 2 + 1 + 1 + 14,
    });
  });

  test('may be a function, which goes by its own name, and may answer nothing', async () => {
    rules.on('price.changed', function byArticle({ articles }) {
      return { tags: articles };
    });
    const heard: unknown[] = [];
    rules.on('price.changed', async function listen(event) {
      heard.push(event);
    });
    await rules.emit('price.changed', { articles: ['a', 'b'] });
    expect(asked).toEqual([['tags', ['a', 'b']]]);
    expect(heard).toEqual([{ articles: ['a', 'b'] }]);
    expect([...rules.getStatistics().keys()]).toEqual(['byArticle', 'listen']);
  });

  test('runs for its own event alone, and asks for nothing that is empty', async () => {
    rules.on('user.updated', { name: 'none', keys: () => [], tags: () => [] });
    rules.on('price.changed', { name: 'other', keys: () => ['x'] });
    expect(rules.hears('user.updated')).toBe(true);
    await rules.emit('user.updated', { id: 'a' });
    expect(asked).toEqual([]);
    expect(rules.getStatistics().get('none')).toMatchObject({ times: 1, invalidated: 0, failures: 0 });
    expect(rules.getStatistics().get('other')).toMatchObject({ times: 0, lastTookMs: null });
  });

  test('counts how long it takes, the store included', async () => {
    rules.on('user.updated', function slow() {
      return clock.sleep(30).then(() => undefined);
    });
    const [first] = [rules.emit('user.updated', { id: 'a' })];
    await clock.advance(30);
    await first;
    const second = rules.emit('user.updated', { id: 'b' });
    await clock.advance(50);
    await second;
    expect(rules.getStatistics().get('slow')).toEqual({
      event: 'user.updated',
      times: 2,
      invalidated: 0,
      failures: 0,
      totalMs: 60,
      lastTookMs: 30,
      lastError: null,
    });
  });
});

describe('a rule that fails', () => {
  test('hurts neither who told of the event nor other rules; it is counted and logged', async () => {
    rules.on('user.updated', function breaks() {
      throw new Error('no such user');
    });
    rules.on('user.updated', { name: 'also breaks', keys: async () => Promise.reject(new Error('gone')) });
    rules.on('user.updated', { name: 'works', keys: ({ id }) => [id] });
    await rules.emit('user.updated', { id: 'a' });
    expect(asked).toEqual([['keys', ['a']]]);
    expect(rules.getStatistics().get('breaks')).toMatchObject({
      times: 1,
      failures: 1,
      lastError: 'no such user',
    });
    expect(rules.getStatistics().get('also breaks')).toMatchObject({ failures: 1, lastError: 'gone' });
    expect(logged.map(([level, context]) => [level, Reflect.get(context, 'rule')])).toEqual([
      ['error', 'breaks'],
      ['error', 'also breaks'],
    ]);
  });

  test('is one that the store has not confirmed', async () => {
    rules.on('user.updated', { name: 'rule', keys: () => ['a'], patterns: () => ['b*'] });
    answer = { confirmed: false, failed: 0 };
    await rules.emit('user.updated', { id: 'a' });
    answer = { confirmed: true, failed: 2 };
    await rules.emit('user.updated', { id: 'a' });
    expect(rules.getStatistics().get('rule')).toMatchObject({
      times: 2,
      failures: 2,
      invalidated: 7 + 1 + 7,
    });
    expect(logged.map(([level]) => level)).toEqual(['warn', 'warn']);
  });
});

describe('the name of a rule', () => {
  test('belongs to one rule at a time', async () => {
    const takeAway = rules.on('user.updated', { name: 'rule', keys: () => ['first'] });
    expect(() => rules.on('price.changed', { name: 'rule' })).toThrow(InvalidArgumentError);
    takeAway();
    rules.on('user.updated', { name: 'rule', keys: () => ['second'] });
    takeAway();
    await rules.emit('user.updated', { id: 'a' });
    expect(asked).toEqual([['keys', ['second']]]);
    expect(rules.off('rule')).toBe(true);
    expect(rules.off('rule')).toBe(false);
    expect(rules.hears('user.updated')).toBe(false);
  });

  test('is not empty, nor that of a function that has none', () => {
    expect(() => rules.on('user.updated', { name: '' })).toThrow('has no name');
    expect(() => rules.on('user.updated', () => undefined)).toThrow(InvalidArgumentError);
  });
});

test('rules are checked against the events of the application', () => {
  // @ts-expect-error: there is no such event
  rules.on('user.renamed', { name: 'a' });
  // @ts-expect-error: that event has no such property
  rules.on('user.updated', { name: 'b', keys: ({ articles }) => articles });
  // @ts-expect-error: that event has another shape
  expect(rules.emit('price.changed', { id: 'a' })).toBeInstanceOf(Promise);
});
