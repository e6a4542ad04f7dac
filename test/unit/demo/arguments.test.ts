import { describe, expect, test } from '@jest/globals';
import { parseDemoArguments, UsageError } from '../../../scripts/demo/arguments.js';

describe('the arguments of the demo', () => {
  test('without any flag, both phases take five seconds with fifty readers', () => {
    expect(parseDemoArguments([])).toEqual({ seconds: 5, readers: 50, help: false });
  });

  test('seconds and readers are taken from their flags, in either form', () => {
    const expected = { seconds: 30, readers: 200, help: false };
    expect(parseDemoArguments(['--seconds', '30', '--readers', '200'])).toEqual(expected);
    expect(parseDemoArguments(['--seconds=30', '--readers=200'])).toEqual(expected);
  });

  test('a fraction of a second is allowed', () => {
    expect(parseDemoArguments(['--seconds', '0.5']).seconds).toBe(0.5);
  });

  test.each(['--help', '-h'])('%s asks for the help text', (flag) => {
    expect(parseDemoArguments([flag]).help).toBe(true);
  });

  test('an unknown flag is named in one sentence, and the way to help follows', () => {
    const parse = () => parseDemoArguments(['--bogus']);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow("Unknown option '--bogus'.\nTry: npm run demo -- --help");
  });

  test('a word that belongs to no flag is an error', () => {
    expect(() => parseDemoArguments(['fast'])).toThrow(/Unexpected argument 'fast'/);
  });

  test('a flag without its value is an error', () => {
    expect(() => parseDemoArguments(['--seconds'])).toThrow(UsageError);
    expect(() => parseDemoArguments(['--seconds', '--readers', '5'])).toThrow(UsageError);
  });

  test.each(['0', '-1', 'abc', '', '1e3', '4000', 'Infinity'])('%p seconds is an error', (text) => {
    expect(() => parseDemoArguments([`--seconds=${text}`])).toThrow(/--seconds .*expected a number above 0/);
  });

  test.each(['0', '-1', '2.5', 'many', '', '10001'])('%p readers is an error', (text) => {
    expect(() => parseDemoArguments([`--readers=${text}`])).toThrow(/--readers .*expected a whole number/);
  });
});
