import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayOf, momentOf, timeOf } from '../../../../src/database/loading/moment-text.js';

/*
 * What `@prisma/adapter-pg` and Prisma's data mapper make of PostgreSQL's texts: the first changes the text, the second makes a
 * text of it that `new Date` is given. Copied in their order, not in their spelling.
 */
const OFFSET = /[+-]\d{2}(:\d{2})?$/;
const asPrisma = {
  timestamp: (text: string) => dateText(`${text.replace(' ', 'T')}+00:00`),
  timestamptz: (text: string) => dateText(text.replace(' ', 'T').replace(OFFSET, '+00:00')),
  date: (text: string) => dateText(text),
  time: (text: string) => dateText(text),
  timetz: (text: string) => dateText(text.replace(OFFSET, '')),
};

function dateText(text: string): string {
  const time = /\d{2}:\d{2}:\d{2}(?:\.\d+)?(Z|[+-]\d{2}(:?\d{2})?)?$/.exec(text);
  if (time === null) return `${text}T00:00:00Z`;
  const [whole, zone, minutes] = time;
  let ended = text;
  if (zone === undefined) ended = `${text}Z`;
  else if (zone !== 'Z' && minutes === undefined) ended = `${text}:00`;
  return whole.length === text.length ? `1970-01-01T${ended}` : ended;
}

/** Fails unless Prisma is left to say it, or would say the same. @returns whether it was said */
function said(read: (text: string) => number | undefined, text: string, prisma: string): boolean {
  const ms = read(text);
  if (ms !== undefined) expect([text, ms]).toEqual([text, new Date(prisma).getTime()]);
  return ms !== undefined;
}

const SEED = 20_261_121;
const RUNS = { numRuns: 5_000, seed: SEED };

const padded = (digits: number, min: number, max: number): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map((number) => String(number).padStart(digits, '0'));
const years = fc.oneof(
  padded(4, 1, 9_999),
  padded(4, 1, 101),
  padded(4, 1_890, 2_110),
  padded(5, 10_000, 294_276),
);
const days = fc
  .tuple(years, padded(2, 1, 12), padded(2, 1, 31))
  .map((parts) => parts.join('-'))
  // PostgreSQL names no 30th of February.
  .filter((text) => !/-02-(?:29|3)|-(?:04|06|09|11)-31/.test(text));
const clocks = fc.tuple(padded(2, 0, 23), padded(2, 0, 59), padded(2, 0, 59)).map((parts) => parts.join(':'));
const fractions = fc.oneof(
  fc.constantFrom('', '.0005', '.000001', '.000999', '.9995', '.999999', '.001', '.1', '.12', '.123'),
  fc.stringMatching(/^\.\d{0,5}[1-9]$/),
);
const offsets = fc.oneof(
  fc.constantFrom('+00', '+05:30', '-12', '+14', '-03:30', '+05:53:28', '-15:59:59'),
  fc
    .tuple(fc.constantFrom('+', '-'), padded(2, 0, 15), fc.constantFrom('', ':30', ':45'))
    .map((parts) => parts.join('')),
);
const eras = fc.constantFrom('', '', '', ' BC');
const isPlain = (text: string): boolean => !text.endsWith(' BC') && !/[+-]\d{2}:\d{2}:\d{2}$/.test(text);

describe('what PostgreSQL writes for a point in time is read as Prisma reads it', () => {
  test(`of a timestamp, whatever its year and its fraction (seed ${SEED})`, () => {
    const texts = fc
      .tuple(days, clocks, fractions, eras)
      .map((parts) => `${parts[0]} ${parts.slice(1).join('')}`);
    const property = fc.property(texts, (text) => {
      expect(said(momentOf, text, asPrisma.timestamp(text))).toBe(isPlain(text));
    });
    fc.assert(property, RUNS);
  });

  test(`of a timestamp with time zone, whatever the offset (seed ${SEED})`, () => {
    const texts = fc
      .tuple(days, clocks, fractions, offsets, eras)
      .map((parts) => `${parts[0]} ${parts.slice(1).join('')}`);
    const property = fc.property(texts, (text) => {
      expect(said(momentOf, text, asPrisma.timestamptz(text))).toBe(isPlain(text));
    });
    fc.assert(property, RUNS);
  });

  test(`of a date (seed ${SEED})`, () => {
    const property = fc.property(fc.tuple(days, eras), ([day, era]) => {
      expect(said(dayOf, day + era, asPrisma.date(day + era))).toBe(era === '');
    });
    fc.assert(property, RUNS);
  });

  test(`of a time, with an offset and without (seed ${SEED})`, () => {
    const times = fc.oneof(
      fc.tuple(clocks, fractions).map((parts) => parts.join('')),
      fc.constant('24:00:00'),
    );
    const property = fc.property(times, offsets, (time, offset) => {
      expect(said(timeOf, time, asPrisma.time(time))).toBe(true);
      expect(said(timeOf, time + offset, asPrisma.timetz(time + offset))).toBe(isPlain(offset));
    });
    fc.assert(property, RUNS);
  });
});

describe('what is below a millisecond', () => {
  test.each([
    ['2024-02-29 12:34:56.789999', '2024-02-29T12:34:56.789Z'],
    ['2024-02-29 12:34:56.9995', '2024-02-29T12:34:56.999Z'],
    ['1969-12-31 23:59:59.999999', '1969-12-31T23:59:59.999Z'],
    ['0099-12-31 23:59:59.999999', '0099-12-31T23:59:59.999Z'],
    ['1900-01-01 00:00:00.0009+00', '1900-01-01T00:00:00.000Z'],
  ])('is cut off of %s, not rounded', (text, iso) => {
    expect(momentOf(text)).toBe(Date.parse(iso));
  });
});

describe('a year after 9999', () => {
  // A Date can hold it, but reads it only with a sign before it.
  test.each(['10000-01-01', '99999-12-31', '275760-09-13', '294276-12-31'])(
    'makes of %s an invalid date, as Prisma does',
    (day) => {
      expect(dayOf(day)).toBeNaN();
      expect(momentOf(`${day} 23:59:59.999999`)).toBeNaN();
      expect(momentOf(`${day} 23:59:59.999999+00`)).toBeNaN();
      expect(new Date(asPrisma.date(day)).getTime()).toBeNaN();
      expect(new Date(asPrisma.timestamp(`${day} 23:59:59.999999`)).getTime()).toBeNaN();
    },
  );

  test('of seven digits is left to Prisma', () => {
    expect(dayOf('5874897-12-31')).toBeUndefined();
  });
});

test.each([
  'infinity',
  '-infinity',
  '4713-11-24 00:00:00 BC',
  '0044-03-15 12:00:00.5+00 BC',
  '2024-02-29',
  '29.02.2024 12:34:56',
  '29.02.2024 12:34:56.789 UTC',
  'Thu Feb 29 12:34:56 2024',
  'Thu 29 Feb 12:34:56.789 2024 IST',
  '02/29/2024 12:34:56',
  '2024-02-29T12:34:56',
  '2024-02-29 12:34:56 ',
  '2024-02-29 12:34:56Z',
  '2024-02-29 12:34:56+05:53:28',
  '',
])('the moment "%s" is left to Prisma', (text) => {
  expect(momentOf(text)).toBeUndefined();
});

test.each(['infinity', '-infinity', '0044-03-15 BC', '29.02.2024', '02/29/2024', '02-29-2024', ''])(
  'the day "%s" is left to Prisma',
  (text) => {
    expect(dayOf(text)).toBeUndefined();
  },
);

test.each(['12:34', '12:34:56 ', '12:34:56+05:30:15', '12:34:56 AM', ''])(
  'the time "%s" is left to Prisma',
  (text) => {
    expect(timeOf(text)).toBeUndefined();
  },
);
