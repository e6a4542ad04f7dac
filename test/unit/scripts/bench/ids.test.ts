import { describe, expect, it } from '@jest/globals';
import { idAt, scatteredIds } from '../../../../scripts/bench/scenarios/users.js';
import { userId } from '../../../../scripts/bench/users.js';

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the id of a seeded user', () => {
  it('is a UUID of version 7, later for a higher index', () => {
    const ids = [0, 1, 255, 999_999].map(userId);
    for (const id of ids) expect(id).toMatch(UUID_7);
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('scattered ids', () => {
  it('are each of them once, and not in the order of the table', () => {
    const ids = scatteredIds(1_000, 500);
    const all = Array.from({ length: 1_000 }, (_, n) => userId(500 + n));
    expect([...ids].sort()).toEqual(all);
    expect(ids).not.toEqual(all);
  });

  it('can be walked round and round', () => {
    const ids = scatteredIds(3);
    expect(idAt(ids, 4)).toBe(ids[1]);
  });
});
