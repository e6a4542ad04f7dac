import { describe, expect, test } from '@jest/globals';
import { CheckUsageError, parseCheckArguments } from '../../../scripts/coherence/arguments.js';
import { FAULT_KINDS, faultsOf } from '../../../scripts/coherence/history.js';

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
    expect(parseCheckArguments(['--faults', 'all']).faults).toEqual(faultsOf(false));
    expect(parseCheckArguments(['--faults', 'all', '--cluster']).faults).toEqual(faultsOf(true));
    expect(new Set([...faultsOf(false), ...faultsOf(true)])).toEqual(new Set(FAULT_KINDS));
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
    ['--faults', 'reshard'],
    ['--cluster', '--faults=partition'],
    ['--cluster', '--adapter=naive'],
  ])('refuses %s %s', (option, value) => {
    expect(() => parseCheckArguments([option, value])).toThrow(CheckUsageError);
  });
});
