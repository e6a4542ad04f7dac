import { describe, expect, test } from '@jest/globals';
import { slotOf } from '../../../../../src/cache/store/cluster/slots.js';

// From the specification of Redis Cluster: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
describe('the slot of a key', () => {
  test('is the CRC-16 of the specification, modulo the number of slots', () => {
    expect(slotOf('123456789')).toBe(0x31c3);
    expect(slotOf('')).toBe(0);
  });

  test.each([
    ['{user1000}.following', 'user1000'],
    ['{user1000}.followers', 'user1000'],
    ['foo{{bar}}zap', '{bar'],
    ['foo{bar}{zap}', 'bar'],
  ])('is of what stands in the first braces: %s', (key, hashed) => {
    expect(slotOf(key)).toBe(slotOf(hashed));
  });

  test.each(['foo{}{bar}', 'foo{bar', 'foo}bar{'])('is of the whole key where nothing does: %s', (key) => {
    expect(slotOf(key)).not.toBe(slotOf('bar'));
    expect(slotOf(key)).not.toBe(slotOf(''));
  });

  test('counts bytes, not characters', () => {
    expect(slotOf('ü')).toBe(slotOf(Buffer.from([0xc3, 0xbc]).toString()));
    expect(slotOf('ü')).not.toBe(slotOf('u'));
  });
});
