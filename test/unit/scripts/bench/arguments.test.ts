import { describe, expect, it } from '@jest/globals';
import { BenchUsageError, helpText, parseBenchArguments } from '../../../../scripts/bench/arguments.js';
import { chosen } from '../../../../scripts/bench/choose.js';
import type { Category, Scenario } from '../../../../scripts/bench/scenario.js';

const scenario = (name: string, category: Category): Scenario => ({ name, category, run: async () => [] });
const TABLE = [scenario('near-hit', 'cache'), scenario('cold', 'queries'), scenario('cold-start', 'mixed')];
const APART = [scenario('headline', 'mixed')];
const NAMES = [...TABLE, ...APART].map(({ name }) => name);

const parse = (...argv: string[]) => parseBenchArguments(argv, NAMES);
const choose = (...argv: string[]) => chosen(parse(...argv), TABLE, APART).map(({ name }) => name);

describe('the command line of the benchmark', () => {
  it('has defaults for all', () => {
    expect(parse()).toEqual({
      names: [],
      category: null,
      only: null,
      rounds: 5,
      out: 'bench-results',
      help: false,
    });
  });

  it('takes names, a category, a row, rounds and a folder', () => {
    expect(
      parse('cold', 'headline', '--category=queries', '--only', 'cold-1', '--rounds', '2', '--out', 'x'),
    ).toEqual({
      names: ['cold', 'headline'],
      category: 'queries',
      only: 'cold-1',
      rounds: 2,
      out: 'x',
      help: false,
    });
  });

  it.each([
    [['warm'], 'There is no scenario "warm". There are near-hit, cold, cold-start, headline.'],
    [
      ['--category', 'caching'],
      '--category is one of cache, queries, connections, writes, mixed, not "caching".',
    ],
    [['--rounds', '0'], '--rounds is a whole number from 1 to 100, not "0".'],
    [['--rounds', 'many'], '--rounds is a whole number from 1 to 100, not "many".'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuses %j in one line', (argv, message) => {
    const parsing = () => parse(...argv);
    expect(parsing).toThrow(BenchUsageError);
    expect(parsing).toThrow(message);
    expect(() => parse(...argv)).not.toThrow(/\n/);
  });

  it('has a help that names every scenario in lines of a terminal', () => {
    const text = helpText(NAMES);
    for (const name of NAMES) expect(text).toContain(name);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
  });
});

describe('the scenarios that run', () => {
  it('are those of the table, unless others are named', () => {
    expect(choose()).toEqual(['near-hit', 'cold', 'cold-start']);
    expect(choose('headline')).toEqual(['headline']);
    expect(choose('cold', 'near-hit')).toEqual(['near-hit', 'cold']);
  });

  it('are those of a category', () => {
    expect(choose('--category=queries')).toEqual(['cold']);
    expect(choose('--category=mixed')).toEqual(['cold-start']);
  });

  it('are those that a row may be of', () => {
    expect(choose('--only=cold-50')).toEqual(['cold']);
    expect(choose('--only=cold')).toEqual(['cold']);
    expect(choose('--only=cold-start-first')).toEqual(['cold', 'cold-start']);
  });

  it('are none only with a reason', () => {
    expect(() => choose('--only=lukewarm')).toThrow('No row has the id "lukewarm".');
    expect(() => choose('--category=writes')).toThrow('No scenario is of that name and that category.');
  });
});
