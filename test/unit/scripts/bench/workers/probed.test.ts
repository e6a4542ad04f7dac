import { describe, expect, test } from '@jest/globals';
import { probedBy } from '../../../../../scripts/bench/workers/probed.js';

describe('the output of a probe', () => {
  test('is what comes in a line of its own, and nothing that the library logs', () => {
    expect(probedBy('probe {"read":100}')).toEqual({ read: 100 });
    expect(probedBy('{"level":40,"msg":"slow statement"}')).toBeNull();
    expect(probedBy('')).toBeNull();
  });
});
