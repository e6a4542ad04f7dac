import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeMessage,
  encodeChange,
  encodeHeartbeat,
  processOf,
} from '../../../../src/cache/store/announcement.js';
import { changeOf, type Targets } from '../../../../src/cache/store/shared-store.js';

// What PostgreSQL's text can hold, and Redis carries.
const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
const name = fc.oneof(text, fc.constantFrom('', 'C', 'H', '0', '1', '-1', ' '));
const targets: fc.Arbitrary<Targets> = fc.record({
  keys: fc.array(name),
  guards: fc.array(
    fc.oneof(
      fc.record({ version: name, fences: name }),
      fc.record({ version: name, fences: name, rule: fc.constantFrom('rule---1', 'rule---2') }),
    ),
  ),
});

describe('an announcement', () => {
  test('of a change says after its journey what it said before', () => {
    fc.assert(
      fc.property(name, targets, (token, changed) => {
        const message = decodeMessage(encodeChange(token, changed));
        expect(message).toEqual({
          kind: 'change',
          token,
          keys: changed.keys,
          versions: changed.guards.map(changeOf),
        });
      }),
    );
  });

  test('of a change names the rule that its writer goes by, where there is one', () => {
    const [plain, ruled] = [
      { version: 'a', fences: 'a:fence' },
      { version: 'b', fences: 'b:fence', rule: 'rule---1' },
    ];
    expect(decodeMessage(encodeChange('t', { keys: [], guards: [plain, ruled] }))).toMatchObject({
      versions: ['a', 'b|rule---1'],
    });
  });

  test('of a heartbeat says after its journey what it said before', () => {
    fc.assert(
      fc.property(name, fc.nat(Number.MAX_SAFE_INTEGER), (process, count) => {
        const message = decodeMessage(encodeHeartbeat(process, count));
        expect(message).toEqual({ kind: 'heartbeat', process, count });
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['one word', 'C'],
    ['a kind that is not known', 'D\0token\x000'],
    ['a kind of two letters', 'CC\0token\x000'],
    ['a change without a number', 'C\0token'],
    ['a change with another word for the number', 'C\0token\0two\0a\0b'],
    ['a change with a fraction for the number', 'C\0token\x001.5\0a'],
    ['a change with an empty number', 'C\0token\0\0a'],
    ['a change with a negative number', 'C\0token\0-1\0a\0b'],
    ['a change that names fewer keys than it says', 'C\0token\x003\0a\0b'],
    ['a heartbeat without a count', 'H\0process'],
    ['JSON', '{"kind":"change"}'],
  ])('that is %s is not understood', (_, message) => {
    expect(decodeMessage(message)).toBeNull();
  });

  test('of anything at all is understood or not, and never an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        expect(() => decodeMessage(message)).not.toThrow();
      }),
    );
  });
});

describe('a token', () => {
  test('names the process that made it, whatever its name', () => {
    fc.assert(fc.property(name, fc.nat(), (process, count) => processOf(`${process}.${count}`) === process));
  });
});
