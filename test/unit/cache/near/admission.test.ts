import { describe, expect, test } from '@jest/globals';
import { Admission } from '../../../../src/cache/near/admission.js';

describe('what lets keys into a full cache', () => {
  test('knows a key from the second time on, and each by itself', () => {
    const admission = new Admission(100);
    expect(admission.wasAsked('{a:User:1}')).toBe(false);
    expect(admission.wasAsked('{a:User:2}')).toBe(false);
    expect(admission.wasAsked('{a:User:1}')).toBe(true);
    expect(admission.wasAsked('{a:User:1}')).toBe(true);
    expect(admission.wasAsked('')).toBe(false);
    expect(admission.wasAsked('')).toBe(true);
  });

  test.each([
    ['numbers that follow one another', (n: number) => `{holdfast:5f3a:User:${n}}`],
    [
      'ids that begin with the time',
      (n: number) => `{holdfast:5f3a:User:019a${n.toString(16).padStart(8, '0')}-7000-8000-00000000${n}}`,
    ],
  ])('remembers most of as many keys as the cache holds: %s', (_, keyOf) => {
    const admission = new Admission(1_000);
    for (let n = 0; n < 1_000; n += 1) admission.wasAsked(keyOf(n));
    let known = 0;
    for (let n = 999; n >= 0; n -= 1) if (admission.wasAsked(keyOf(n))) known += 1;
    expect(known).toBeGreaterThan(800);
  });

  test('forgets, so that what was asked for long ago is asked for as if for the first time', () => {
    const admission = new Admission(1_000);
    for (let n = 0; n < 1_000; n += 1) admission.wasAsked(`{rows:${n}}`);
    for (let n = 1_000; n < 100_000; n += 1) admission.wasAsked(`{rows:${n}}`);
    let known = 0;
    for (let n = 0; n < 1_000; n += 1) if (admission.wasAsked(`{rows:${n}}`)) known += 1;
    expect(known).toBeLessThan(10);
  });
});
