import { describe, expect, test } from '@jest/globals';
import { Story, summary } from './story.js';

const MS = 1_000;

/** Project 0 is written from 1 to 2 ms and has stamp 21 then, 11 before. */
function written(told: Parameters<Story['write']>[4] = {}): Story {
  const story = new Story();
  return story.write(77, 1 * MS, 2 * MS, [story.project(0, 21, '77')], told);
}

const old = (story: Story, process: number, atMs: number): Story =>
  story.read(process, 'project', 0, 11, atMs * MS, (atMs + 0.1) * MS);
const fresh = (story: Story, process: number, atMs: number): Story =>
  story.read(process, 'project', 0, 21, atMs * MS, (atMs + 0.1) * MS);

describe('raw SQL', () => {
  const raw = { around: true };

  test('may be missed for 250 ms after its acknowledgement, and not longer', () => {
    const verdict = old(written(raw), 1, 100).judged();
    expect(summary(verdict)).toEqual({ 'around stale': 1 });
    expect(verdict.tolerated.around.stale.maxNs).toBeCloseTo(98e6, -3);
    expect(summary(old(written(raw), 1, 251).judged())).toEqual({ 'around stale': 1 });
    expect(summary(old(written(raw), 1, 253).judged())).toEqual({ stale: 1 });
  });

  test('may be seen and not seen in turns meanwhile', () => {
    expect(summary(old(fresh(written(raw), 0, 1.2), 1, 1.5).judged())).toEqual({ 'around inversion': 1 });
  });

  test('must be seen once a later write of a repository was acknowledged', () => {
    const story = written(raw);
    story.write(78, 3 * MS, 4 * MS, [story.project(0, 22, '78')]);
    expect(summary(fresh(story, 1, 3.5).judged())).toEqual({});
    expect(summary(fresh(story, 1, 5).judged())).toEqual({ stale: 1 });
    expect(summary(old(story, 1, 6).judged())).toEqual({ stale: 2 });
  });

  test('must be seen once a read has returned a later write of a repository', () => {
    const story = written(raw);
    story.write(78, 3 * MS, 9 * MS, [story.project(0, 22, '78')]);
    story.read(0, 'project', 0, 22, 4 * MS, 5 * MS);
    expect(summary(old(story, 1, 6).judged())).toEqual({ inversion: 1 });
  });

  test('does not excuse that an earlier write of a repository is missed', () => {
    const story = written();
    story.write(78, 3 * MS, 4 * MS, [story.project(0, 22, '78')], raw);
    expect(summary(fresh(story, 1, 5).judged())).toEqual({ 'around stale': 1 });
    expect(summary(old(story, 1, 6).judged())).toEqual({ 'around stale': 1, stale: 1 });
  });

  test('may be missed for longer while a fault keeps the relay from its work', () => {
    const stopped = (): Story => written(raw).fault('stop', 100 * MS, 5_000 * MS, 2);
    expect(summary(old(stopped(), 1, 6_000).judged())).toEqual({ 'around stale': 1 });
    expect(summary(old(stopped(), 1, 8_300).judged())).toEqual({ stale: 1 });
  });

  test('may be missed for longer by as much as some process got no processor, counted once', () => {
    const stalled = (): Story =>
      written(raw)
        .stall(100 * MS, 140 * MS)
        .stall(120 * MS, 150 * MS)
        .stall(270 * MS, 280 * MS)
        .stall(400 * MS, 900 * MS);
    expect(summary(old(stalled(), 1, 311).judged())).toEqual({ 'around stale': 1 });
    expect(summary(old(stalled(), 1, 313).judged())).toEqual({ stale: 1 });
  });

  test('is not excused by a fault that does not concern the relay, or came too late', () => {
    expect(summary(old(written(raw).fault('redis-flush', 0, 900 * MS), 1, 300).judged())).toEqual({
      stale: 1,
    });
    expect(summary(old(written(raw).fault('stop', 260 * MS, 900 * MS), 1, 300).judged())).toEqual({
      stale: 1,
    });
  });
});

describe('a process that is cut off from Redis', () => {
  test('may have its writes missed for 250 ms, which the clock does not count while it is cut off', () => {
    const cutOff = (): Story => written().fault('partition', 0, 500 * MS, 0);
    expect(summary(old(cutOff(), 1, 700).judged())).toEqual({ 'partition stale': 1 });
    expect(summary(old(fresh(cutOff(), 1, 1.2), 1, 1.5).judged())).toEqual({ 'partition inversion': 1 });
    expect(summary(old(cutOff(), 1, 3_800).judged())).toEqual({ stale: 1 });
  });

  test('is no excuse for the writes of others', () => {
    const story = written({ process: 2 }).fault('partition', 0, 500 * MS, 0);
    expect(summary(old(story, 1, 700).judged())).toEqual({ stale: 1 });
  });
});

describe.each(['redis-flush', 'evict'] as const)('a fence lost by %s', (kind) => {
  test('allows an inversion until the write is acknowledged', () => {
    const story = (): Story => written().fault(kind, 1.1 * MS, 1.2 * MS);
    expect(summary(old(fresh(story(), 0, 1.3), 1, 1.5).judged())).toEqual({ 'lostFence inversion': 1 });
    expect(summary(old(story(), 1, 2.1).judged())).toEqual({ stale: 1 });
  });

  test('allows nothing to a write that was not under way then', () => {
    const story = written().fault(kind, 5 * MS, 6 * MS);
    expect(summary(old(fresh(story, 0, 1.3), 1, 1.5).judged())).toEqual({ inversion: 1 });
  });

  test('allows nothing beyond the writes that were under way', () => {
    const story = written();
    story.write(78, 3 * MS, 9 * MS, [story.project(0, 22, '78')]).fault(kind, 4 * MS, 5 * MS);
    story.read(0, 'project', 0, 22, 5 * MS, 6 * MS);
    expect(summary(fresh(story, 1, 7).judged())).toEqual({ 'lostFence inversion': 1 });
    expect(summary(old(story, 1, 8).judged())).toEqual({ 'lostFence inversion': 1, stale: 1 });
  });
});

test.each(['kill', 'stop', 'redis-restart', 'redis-pause', 'pg-restart'] as const)(
  'a fault of the kind %s excuses neither a stale read nor an inversion',
  (kind) => {
    const story = (): Story => written().fault(kind, 0, 900 * MS, 0);
    expect(summary(old(story(), 1, 3).judged())).toEqual({ stale: 1 });
    expect(summary(old(fresh(story(), 0, 1.3), 1, 1.5).judged())).toEqual({ inversion: 1 });
  },
);

describe('eventual coherence', () => {
  test('lets other processes lag for a second, and the writing one not at all', () => {
    expect(summary(old(written(), 1, 10).judged('eventual'))).toEqual({ 'eventual stale': 1 });
    expect(summary(old(written(), 1, 1_003).judged('eventual'))).toEqual({ stale: 1 });
    expect(summary(old(written(), 0, 10).judged('eventual'))).toEqual({ stale: 1 });
  });

  test('lets a read be older than another for a second', () => {
    const seen = (): Story => {
      const story = new Story();
      story.write(77, 1 * MS, 5_000 * MS, [story.project(0, 21, '77')]);
      return fresh(story, 0, 2);
    };
    expect(summary(old(seen(), 1, 10).judged('eventual'))).toEqual({ 'eventual inversion': 1 });
    expect(summary(old(seen(), 1, 1_003).judged('eventual'))).toEqual({ inversion: 1 });
  });

  test('allows no value that was never committed', () => {
    const story = written().read(1, 'project', 0, 66, 10 * MS, 11 * MS);
    expect(summary(story.judged('eventual'))).toEqual({ uncommitted: 1 });
  });
});
