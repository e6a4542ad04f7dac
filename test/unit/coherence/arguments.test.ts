import { describe, expect, test } from '@jest/globals';
import { CheckUsageError, parseCheckArguments } from '../../../scripts/coherence/arguments.js';
import { FAULT_KINDS } from '../../../scripts/coherence/history.js';

describe('the command line of the coherence check', () => {
  test('has a default for everything', () => {
    expect(parseCheckArguments([])).toMatchObject({
      processes: 3,
      seconds: 10,
      keys: 20,
      adapter: 'holdfast',
      coherence: null,
      faults: [],
    });
  });

  test('takes faults in any order, each once, or all of them', () => {
    expect(parseCheckArguments(['--faults', 'stop,kill,stop']).faults).toEqual(['kill', 'stop']);
    expect(parseCheckArguments(['--faults', 'all']).faults).toEqual(FAULT_KINDS);
  });

  test.each([
    ['--processes', '0'],
    ['--processes', '1.5'],
    ['--seconds', ''],
    ['--seed', 'x'],
    ['--adapter', 'other'],
    ['--coherence', 'lax'],
    ['--faults', 'kill,flood'],
    ['--colour', 'red'],
  ])('refuses %s %s', (option, value) => {
    expect(() => parseCheckArguments([option, value])).toThrow(CheckUsageError);
  });
});
