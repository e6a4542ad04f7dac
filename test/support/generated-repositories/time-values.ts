import fc from 'fast-check';

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const EDGES = [
  '0001-01-01T00:00:00.000Z',
  '1582-10-15T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00.000Z',
  '2000-02-29T12:00:00.001Z',
  '9999-12-31T23:59:59.000Z',
];

/** Moments that a column of this native type can hold, with as many digits of a second as it and JavaScript have. */
export function timeValues(native: string | null, digits: number | undefined): fc.Arbitrary<Date> {
  // As Prisma writes it where there is no `@db`.
  const precision = native === null ? 3 : Math.min(3, digits ?? 3);
  const step = native === 'Date' ? DAY : SECOND / 10 ** precision;
  const toStep = (time: number): Date => new Date(Math.floor(time / step) * step);
  if (native === 'Time' || native === 'Timetz') {
    return fc.integer({ min: 0, max: DAY - 1 }).map(toStep);
  }
  return fc.oneof(
    fc
      .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => toStep(date.getTime())),
    fc.constantFrom(...EDGES).map((text) => toStep(Date.parse(text))),
  );
}
