import { describe, expect, test } from '@jest/globals';
import { parseCheckArguments } from '../../../scripts/coherence/arguments.js';
import { reportOf } from '../../../scripts/coherence/report.js';
import type { CheckResult } from '../../../scripts/coherence/run-check.js';
import { Story, world } from './story.js';

const options = parseCheckArguments(['--seed', '9', '--coherence', 'strict']);

function resultOf(story: Story, told: Partial<CheckResult> = {}): CheckResult {
  return {
    world,
    verdict: story.judged(),
    quiescence: { isQuiet: true, tookMs: 12, stale: [], adrift: [] },
    failures: { unexplained: [], explained: [] },
    faults: [],
    stalls: [],
    answers: { near: null, shared: 0, loads: 1 },
    outcomes: { acknowledged: 1, refused: 2 },
    hung: 0,
    crashed: 0,
    leftOut: [],
    ...told,
  };
}

/** A write of project 0, and a read that missed it while a process was stopped. */
function staleRead(): Story {
  const story = new Story();
  return story
    .write(77, 1_000, 2_000, [story.project(0, 21, '77')])
    .fault('stop', 500, 1_500, 2)
    .read(1, 'project', 0, 11, 2_500, 3_000);
}

describe('the report', () => {
  test('passes a run in which nothing was found, and names its seed', () => {
    const { text, passed } = reportOf(resultOf(new Story()), options);
    expect(passed).toBe(true);
    expect(text).toMatch(/^writes +0 acknowledged; 2 refused$/m);
    expect(text).toMatch(/^stale when quiet +0 registers, after 12\.0 ms$/m);
    expect(text).toMatch(/^seed +9$/m);
  });

  test('shows a violation by the operations that make it one, with the faults that were under way', () => {
    const { text, passed } = reportOf(resultOf(staleRead()), options);
    expect(passed).toBe(false);
    expect(text).toMatch(/^stale reads +1 \(1,000,000 per million reads\)$/m);
    expect(text).toContain(
      [
        'stale: project 0',
        '  process 0 wrote (update), 0.001000 s to 0.002000 s, acknowledged: version 1 (state 21)',
        '  process 1 read, 0.002500 s to 0.003000 s, saw version 0 (state 11), begun 500 µs after that',
        '  meanwhile: stop of process 2, : 0.000500 s to 0.001500 s',
      ].join('\n'),
    );
  });

  test.each<[string, Partial<CheckResult>]>([
    ['a failure that nothing explains', { failures: { unexplained: [failure()], explained: [] } }],
    ['a process that hung', { hung: 1 }],
    ['a process that crashed', { crashed: 1 }],
    [
      'a register that stayed stale',
      {
        quiescence: {
          isQuiet: false,
          tookMs: 15_000,
          stale: [{ register: 0, process: 1, state: 4, expected: 5 }],
          adrift: [],
        },
      },
    ],
    ['rows that are not as committed', { quiescence: { isQuiet: true, tookMs: 1, stale: [], adrift: [0] } }],
  ])('does not pass %s', (_, told) => {
    expect(reportOf(resultOf(new Story(), told), options).passed).toBe(false);
  });

  test('passes failures that a fault explains, and counts them by code', () => {
    const told = { failures: { unexplained: [], explained: [failure(), failure()] } };
    const { text, passed } = reportOf(resultOf(new Story(), told), options);
    expect(passed).toBe(true);
    expect(text).toContain('  DATABASE_UNAVAILABLE: 2, such as update: gone');
  });

  test('expects over half of the answers from the near cache, where there is one and nothing goes wrong', () => {
    const story = resultOf(new Story());
    const verdict = { ...story.verdict, reads: 20_000 };
    const near = (share: number): CheckResult => ({
      ...story,
      verdict,
      answers: { near: share * 20_000, shared: 0, loads: 0 },
    });
    expect(reportOf(near(0.6), options).passed).toBe(true);
    expect(reportOf(near(0.4), options)).toMatchObject({
      passed: false,
      text: expect.stringContaining('expectation failed: the near cache answered 40.0 % of the reads'),
    });
    expect(reportOf(near(0.4), { ...options, faults: ['kill'] }).passed).toBe(true);
    expect(reportOf(near(0.4), { ...options, coherence: 'off' }).passed).toBe(true);
    expect(reportOf(near(0.4), { ...options, adapter: 'none' }).passed).toBe(true);
  });
});

function failure(): CheckResult['failures']['explained'][number] {
  return {
    process: 0,
    what: 'update',
    code: 'DATABASE_UNAVAILABLE',
    message: 'gone',
    begunAt: 0,
    endedAt: 1,
  };
}
