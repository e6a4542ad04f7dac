const ZERO = 48;
const MINUS = 45;
const PLUS = 43;
const SPACE = 32;
const COLON = 58;
const POINT = 46;
/** `Date.UTC` takes the years before for ones of the twentieth century. */
const FIRST_PLAIN_YEAR = 100;

const MOMENT = /^(\d{4,6}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:[+-]\d{2}(?::\d{2})?)?$/;
const DAY = /^\d{4,6}-\d{2}-\d{2}$/;
const TIME = /^(\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:[+-]\d{2}(?::\d{2})?)?$/;

/*
 * What PostgreSQL writes for a point in time, as Prisma's adapter reads it: the offset is left out of account, since the
 * connection's time zone is supposed to be UTC, and what is below a millisecond is cut off. Undefined for what is written in
 * another way, such as `infinity` and years before Christ: Prisma itself has to say what that is.
 */

/** The milliseconds of a `timestamp` or `timestamptz`. */
export function momentOf(text: string): number | undefined {
  return plainMoment(text) ?? unusualMoment(text);
}

/** The milliseconds at which a `date` begins. */
export function dayOf(text: string): number | undefined {
  return DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : undefined;
}

/** The milliseconds of a `time` or `timetz`, on the first day of 1970. */
export function timeOf(text: string): number | undefined {
  const time = TIME.exec(text)?.[1];
  return time === undefined ? undefined : Date.parse(`1970-01-01T${time}Z`);
}

function unusualMoment(text: string): number | undefined {
  const [, day, time] = MOMENT.exec(text) ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${time}+00:00`);
}

/** `2024-02-29 12:34:56.789123+00`, digit by digit: five times as fast as `Date.parse`. */
function plainMoment(text: string): number | undefined {
  if (text.charCodeAt(4) !== MINUS || text.charCodeAt(10) !== SPACE) return undefined;
  const year = two(text, 0) * 100 + two(text, 2);
  let at = 19;
  let ms = 0;
  if (text.charCodeAt(at) === POINT) {
    at += 1;
    for (let place = 100; isDigit(text.charCodeAt(at)); place /= 10) {
      if (place >= 1) ms += (text.charCodeAt(at) - ZERO) * place;
      at += 1;
    }
  }
  if (year < FIRST_PLAIN_YEAR || !endsInOffset(text, at)) return undefined;
  const seconds = two(text, 11) * 3_600 + two(text, 14) * 60 + two(text, 17);
  return Date.UTC(year, two(text, 5) - 1, two(text, 8)) + seconds * 1_000 + ms;
}

function endsInOffset(text: string, at: number): boolean {
  if (at === text.length) return true;
  const sign = text.charCodeAt(at);
  if (sign !== PLUS && sign !== MINUS) return false;
  return text.length === at + 3 || (text.length === at + 6 && text.charCodeAt(at + 3) === COLON);
}

function two(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code < ZERO + 10;
}
