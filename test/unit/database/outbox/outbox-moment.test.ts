import { describe, expect, test } from '@jest/globals';
import { formatMoment, parseMoment } from '../../../../src/database/outbox/outbox-moment.js';
import { InvalidArgumentError } from '../../../../src/errors.js';

describe('a moment of an outbox', () => {
  test.each([
    { lastId: '0', writers: [] },
    { lastId: '9223372036854775807', writers: ['3/17', '120/4294967295', '-1/740'] },
  ])('is read back from its text: %j', (moment) => {
    expect(parseMoment(formatMoment(moment))).toEqual(moment);
  });

  test.each(['', ' ', '-1', '1 ', '1 3/', '1 3/17 x', '1\n2'])('is refused when the text is %j', (text) => {
    expect(() => parseMoment(text)).toThrow(InvalidArgumentError);
  });
});
