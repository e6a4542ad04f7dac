import { describe, expect, test } from '@jest/globals';
import { freezeEntity } from '../../../src/cache/freeze.js';

describe('a frozen entity', () => {
  test('cannot be changed, nor the plain values in it', () => {
    const entity = freezeEntity({ name: 'a', tags: ['x'], json: { deep: { list: [1] } } });
    expect(() => Object.assign(entity, { name: 'b' })).toThrow(TypeError);
    expect(() => entity.tags.push('y')).toThrow(TypeError);
    expect(() => Object.assign(entity.json.deep, { more: 1 })).toThrow(TypeError);
  });

  test('keeps dates and bytes usable', () => {
    const entity = freezeEntity({ at: new Date(0), bytes: new Uint8Array([1]) });
    expect(entity.at.getTime()).toBe(0);
    expect(entity.bytes[0]).toBe(1);
  });
});
