import { describe, expect, test } from '@jest/globals';
import { ABSENT, stateOfList } from '../../../scripts/coherence/states.js';
import { Story, summary, world } from './story.js';

/** Project 0 with stamp 11 is written at 1,000 to 2,000 µs, and has stamp 21 then. */
function oneWrite(told: Parameters<Story['write']>[4] = {}): Story {
  const story = new Story();
  return story.write(77, 1_000, 2_000, [story.project(0, 21, '77')], told);
}

describe('a register that was written once', () => {
  test('must show the new state to a read that began after the acknowledgement', () => {
    expect(summary(oneWrite().read(1, 'project', 0, 21, 2_500, 3_000).judged())).toEqual({});
    const verdict = oneWrite().read(1, 'project', 0, 11, 2_500, 3_000).judged();
    expect(summary(verdict)).toEqual({ stale: 1 });
    expect(verdict.examples).toEqual([
      expect.objectContaining({
        kind: 'stale',
        register: world.register('project', 0),
        version: 0,
        expected: 1,
        expectedState: 21,
        write: expect.objectContaining({ mark: 77 }),
        read: expect.objectContaining({ process: 1, state: 11 }),
      }),
    ]);
  });

  test('may show either state to a read that overlaps the write', () => {
    const story = oneWrite().read(0, 'project', 0, 11, 1_500, 2_500).read(1, 'project', 0, 21, 1_500, 2_500);
    expect(summary(story.judged())).toEqual({});
  });

  test('must not show the old state to a read that began after another had returned the new one', () => {
    const story = oneWrite().read(0, 'project', 0, 21, 1_100, 1_200).read(1, 'project', 0, 11, 1_300, 1_400);
    const verdict = story.judged();
    expect(summary(verdict)).toEqual({ inversion: 1 });
    expect(verdict.examples[0]).toMatchObject({
      kind: 'inversion',
      seenBy: { process: 0, state: 21 },
      read: { process: 1 },
    });
  });

  test('may show the old state to a read that began before another returned the new one', () => {
    const story = oneWrite().read(0, 'project', 0, 21, 1_100, 1_200).read(1, 'project', 0, 11, 1_150, 1_400);
    expect(summary(story.judged())).toEqual({});
  });

  test('never shows a state that was not committed', () => {
    const story = oneWrite().write(78, 3_000, 4_000, [], { outcome: 'rolledBack', undone: [22] });
    const verdict = story.read(1, 'project', 0, 22, 3_500, 5_000).judged();
    expect(summary(verdict)).toEqual({ uncommitted: 1 });
    expect(verdict.examples[0]?.write).toMatchObject({ mark: 78, outcome: 'rolledBack' });
  });

  test('never shows a state that was committed to another register', () => {
    expect(summary(oneWrite().read(1, 'project', 1, 21, 2_500, 3_000).judged())).toEqual({ uncommitted: 1 });
  });

  test('never shows a state before its write began', () => {
    expect(summary(oneWrite().read(1, 'project', 0, 21, 500, 900).judged())).toEqual({ uncommitted: 1 });
  });

  test('is judged by itself', () => {
    const story = oneWrite().read(1, 'project', 1, 12, 2_500, 3_000).read(1, 'user', 0, 1, 2_500, 3_000);
    expect(summary(story.judged())).toEqual({});
  });
});

describe('the order of states', () => {
  test('is that of the commits, also where a later one was acknowledged first', () => {
    const twice = (): Story => {
      const story = new Story();
      return story
        .write(77, 1_000, 9_000, [story.project(0, 21, '77')])
        .write(78, 2_000, 3_000, [story.project(0, 22, '78')]);
    };
    expect(summary(twice().read(1, 'project', 0, 22, 9_500, 9_600).judged())).toEqual({});
    expect(summary(twice().read(1, 'project', 0, 21, 9_500, 9_600).judged())).toEqual({ stale: 1 });
    expect(summary(twice().read(1, 'project', 0, 21, 3_500, 3_600).judged())).toEqual({ stale: 1 });
  });

  test('leaves out what a transaction wrote and overwrote before its commit', () => {
    const story = new Story();
    story.write(77, 1_000, 2_000, [story.project(0, 21, '77'), story.project(0, 22, '77')]);
    expect(summary(story.read(1, 'project', 0, 21, 1_500, 1_600).judged())).toEqual({ uncommitted: 1 });
  });
});

describe('a row that comes and goes', () => {
  /** The passing project 2 of user 0 comes, goes, comes and goes. */
  function comings(): Story {
    const story = new Story();
    return story
      .write(1, 1_000, 2_000, [story.project(2, 31, '1')])
      .write(2, 3_000, 4_000, [story.project(2, 31, '1', true)], { deleted: [31] })
      .write(3, 5_000, 6_000, [story.project(2, 32, '3')])
      .write(4, 7_000, 8_000, [story.project(2, 32, '3', true)], { deleted: [32] });
  }

  test('is rightly absent before, between and afterwards', () => {
    const story = comings()
      .read(0, 'project', 2, ABSENT, 100, 200)
      .read(0, 'project', 2, ABSENT, 4_100, 4_200)
      .read(0, 'project', 2, ABSENT, 8_100, 8_200);
    expect(summary(story.judged())).toEqual({});
  });

  test('is stale where it is absent after its creation was acknowledged', () => {
    expect(summary(comings().read(0, 'project', 2, ABSENT, 2_100, 2_200).judged())).toEqual({ stale: 1 });
    expect(summary(comings().read(0, 'project', 2, ABSENT, 6_100, 6_200).judged())).toEqual({ stale: 1 });
  });

  test('is stale where it is there after its deletion was acknowledged', () => {
    expect(summary(comings().read(0, 'project', 2, 31, 4_100, 4_200).judged())).toEqual({ stale: 1 });
  });

  test('gets the benefit of the doubt while a write that would make it absent is under way', () => {
    expect(summary(comings().read(0, 'project', 2, ABSENT, 3_100, 3_200).judged())).toEqual({});
    expect(summary(comings().read(0, 'project', 2, ABSENT, 7_100, 7_200).judged())).toEqual({});
  });

  test('is evidence of no more than the oldest absence that was possible', () => {
    // The first read may have seen the absence from before its creation, though a deletion had begun as well.
    const story = new Story();
    story
      .write(1, 1_000, 9_000, [story.project(2, 31, '1')])
      .write(2, 1_000, 9_000, [story.project(2, 31, '1', true)], { deleted: [31] })
      .read(0, 'project', 2, ABSENT, 1_100, 1_200)
      .read(1, 'project', 2, 31, 1_300, 1_400)
      .read(0, 'project', 2, ABSENT, 1_500, 1_600);
    expect(summary(story.judged())).toEqual({});
    // The last one cannot have: another had returned the row before. From there on it is gone for good.
    expect(summary(story.read(1, 'project', 2, 31, 1_700, 1_800).judged())).toEqual({ inversion: 1 });
  });
});

describe('a unique value', () => {
  const value = world.values.githubId[0] ?? '';

  /** User 0 gives its githubId up and user 1 takes it, in one transaction. */
  function moved(): Story {
    const story = new Story();
    return story.write(7, 1_000, 2_000, [
      story.user(0, 41, '7', { githubId: 'spare' }),
      story.user(1, 42, '7', { githubId: value }),
    ]);
  }

  test('belongs to its new holder once the move was acknowledged', () => {
    expect(summary(moved().read(1, 'githubId', 0, 42, 2_100, 2_200).judged())).toEqual({});
    expect(summary(moved().read(1, 'githubId', 0, 1, 2_100, 2_200).judged())).toEqual({ stale: 1 });
  });

  test('is never without a holder in between, nor held by who has given it up', () => {
    expect(summary(moved().read(1, 'githubId', 0, ABSENT, 1_100, 1_900).judged())).toEqual({
      uncommitted: 1,
    });
    expect(summary(moved().read(1, 'githubId', 0, 41, 1_100, 1_900).judged())).toEqual({ uncommitted: 1 });
  });

  test('that was moved around the repositories may be seen with its former holder, whatever is written to the new one', () => {
    const told = { around: true };
    const story = new Story().write(
      7,
      1_000,
      2_000,
      [
        new Story().user(0, 41, '7', { githubId: 'spare' }),
        new Story().user(1, 42, '7', { githubId: value }),
      ],
      told,
    );
    story.write(8, 3_000, 4_000, [story.user(1, 43, '8', { githubId: value })]);
    const former = story.read(1, 'githubId', 0, 1, 4_100, 4_200).judged();
    expect(summary(former)).toEqual({ 'around stale': 1 });
    // The new holder was fenced, so an older state of it is stale.
    const holder = story.read(1, 'githubId', 0, 42, 4_300, 4_400).judged();
    expect(summary(holder)).toEqual({ 'around stale': 1, stale: 1 });
  });

  test('that the taker had before is free', () => {
    expect(summary(moved().read(1, 'githubId', 1, ABSENT, 2_100, 2_200).judged())).toEqual({});
    expect(summary(moved().read(1, 'githubId', 1, 2, 2_100, 2_200).judged())).toEqual({ stale: 1 });
  });
});

describe('a list and a count', () => {
  /** The passing project 2 joins project 0 in the list of user 0. */
  function joined(): Story {
    const story = new Story();
    return story.write(1, 1_000, 2_000, [story.project(2, 31, '1')]);
  }

  test('show what was committed, and nothing that was not', () => {
    const [old, both] = [stateOfList([11]), stateOfList([31, 11])];
    expect(summary(joined().read(1, 'projectsOfUser', 0, both, 2_100, 2_200).judged())).toEqual({});
    expect(summary(joined().read(1, 'projectsOfUser', 0, old, 2_100, 2_200).judged())).toEqual({ stale: 1 });
    const torn = stateOfList([31]);
    expect(summary(joined().read(1, 'projectsOfUser', 0, torn, 2_100, 2_200).judged())).toEqual({
      uncommitted: 1,
    });
    expect(summary(joined().read(1, 'projectCount', 0, 2, 2_100, 2_200).judged())).toEqual({});
    expect(summary(joined().read(1, 'projectCount', 0, 1, 2_100, 2_200).judged())).toEqual({ stale: 1 });
  });

  test('change with a row of theirs, and the count does not', () => {
    const story = oneWrite().read(1, 'projectsOfUser', 0, stateOfList([11]), 2_100, 2_200);
    expect(summary(story.read(1, 'projectCount', 0, 1, 2_100, 2_200).judged())).toEqual({ stale: 1 });
  });
});

describe('a write whose end is not known', () => {
  test('may be seen from its beginning on, and need not be', () => {
    const told = { outcome: 'unknown' } as const;
    const story = new Story();
    story.write(77, 1_000, Number.POSITIVE_INFINITY, [story.project(0, 21, '77')], told);
    story.read(0, 'project', 0, 11, 8_000, 8_100).read(0, 'project', 0, 21, 8_200, 8_300);
    expect(summary(story.judged())).toEqual({});
    expect(summary(story.read(0, 'project', 0, 11, 8_400, 8_500).judged())).toEqual({ inversion: 1 });
  });

  test('of which nothing at all is known may be seen or not, in any order', () => {
    const story = new Story();
    story.commit('9', [story.project(0, 21, '99')]);
    story.read(0, 'project', 0, 21, 100, 200).read(0, 'project', 0, 11, 300, 400);
    expect(summary(story.judged())).toEqual({ 'unheard inversion': 1 });
  });
});

describe('what writers were told', () => {
  test('is compared with the database: an acknowledged write must be in it, one that was rolled back must not', () => {
    const story = new Story();
    story.write(1, 1_000, 2_000, []);
    expect(summary(story.judged())).toEqual({ lost: 1 });
    story.write(2, 1_000, 2_000, [story.project(0, 21, '2')], { outcome: 'rolledBack' });
    expect(summary(story.judged())).toEqual({ lost: 1, revived: 1 });
  });

  test('holds for a savepoint: what it took back must not be in the database', () => {
    const story = new Story();
    story.write(3, 1_000, 2_000, [story.project(0, 21, '3'), story.project(1, 22, '3u')]);
    expect(summary(story.judged())).toEqual({ revived: 1 });
  });

  test('asks nothing of a write that had nothing to change, was refused, or failed', () => {
    const story = new Story();
    for (const outcome of ['nothing', 'refused', 'failed', 'unknown'] as const) {
      story.write(1, 1_000, 2_000, [], { outcome });
    }
    expect(summary(story.judged())).toEqual({});
  });
});
