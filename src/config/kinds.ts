import * as v from 'valibot';
import { maskUrl } from './mask.js';
import type { Environment } from './types.js';

/** A kind of value: how it is read from a text, checked when given in code, described, and safely shown. */
export interface Kind<T> {
  /** What is expected, in words that fit behind "expected". */
  readonly expected: string;
  readonly fromText: v.GenericSchema<string, T>;
  readonly fromCode: v.GenericSchema<unknown, T>;
  /** The value as it may stand in a message: no password, no token, one line. */
  show(value: unknown): string;
}

/** The greatest delay of a timer in Node, and the greatest `statement_timeout` of PostgreSQL: 2^31 - 1 ms. */
export const MAX_TIMEOUT_MS = 2_147_483_647;

const MAX_SHOWN_LENGTH = 120;

/** A whole number from `min` to `max`; `of` names what it counts. */
export function integer(of: string, min: number, max: number): Kind<number> {
  const fromCode = v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max));
  return {
    expected: `${of}, a whole number from ${min} to ${max}`,
    fromText: v.pipe(v.string(), v.trim(), v.regex(/^\d+$/), v.transform(Number), fromCode),
    fromCode,
    show: showPlain,
  };
}

const TRUE_WORDS: readonly string[] = ['true', '1', 'yes', 'on'];
const FALSE_WORDS: readonly string[] = ['false', '0', 'no', 'off'];

/** Yes or no. */
export const flag: Kind<boolean> = {
  expected: 'true or false (also 1/0, yes/no, on/off)',
  fromText: v.pipe(
    v.string(),
    v.trim(),
    v.toLowerCase(),
    v.picklist([...TRUE_WORDS, ...FALSE_WORDS]),
    v.transform((word) => TRUE_WORDS.includes(word)),
  ),
  fromCode: v.boolean(),
  show: showPlain,
};

/** One of a few upper-case words; as a text in any case. */
export function oneOf<const Word extends string>(words: readonly [Word, ...Word[]]): Kind<Word> {
  const fromCode = v.picklist(words);
  return {
    expected: `one of ${words.join(', ')}`,
    fromText: v.pipe(
      v.string(),
      v.trim(),
      v.transform((text) => words.find((word) => word.toLowerCase() === text.toLowerCase()) ?? text),
      fromCode,
    ),
    fromCode,
    show: showPlain,
  };
}

const environments = v.picklist(['development', 'test', 'production']);

/** The name of an environment. As a text, a name of the application's own, such as `staging`, counts as production. */
export const environmentName: Kind<Environment> = {
  expected: 'one of development, test, production',
  fromText: v.pipe(v.string(), v.trim(), v.toLowerCase(), v.fallback(environments, 'production')),
  fromCode: environments,
  show: showPlain,
};

/** A text that passes `test`. */
export function text(expected: string, test: (text: string) => boolean): Kind<string> {
  const fromCode = v.pipe(v.string(), v.check(test));
  return { expected, fromText: v.pipe(v.string(), v.trim(), fromCode), fromCode, show: showPlain };
}

/** A URL that passes `test`, shown without its secrets. */
export function url(expected: string, test: (text: string) => boolean): Kind<string> {
  return { ...text(expected, test), show: showUrl };
}

/**
 * Several URLs, as a text separated by commas. Of a wrong list, those that are wrong are shown; nothing of one with parts that
 * are no URLs.
 */
export function urls(expected: string, test: (text: string) => boolean): Kind<readonly string[]> {
  const fromCode = v.array(v.pipe(v.string(), v.check(test)));
  const split = (list: string) => list.split(',').map((item) => item.trim());
  return {
    expected,
    fromText: v.pipe(v.string(), v.transform(split), fromCode),
    fromCode,
    show: (value) => {
      const items: readonly unknown[] =
        typeof value === 'string' ? split(value) : Array.isArray(value) ? value : [value];
      // A password with a comma in it: what stands before is no host, but its beginning.
      if (items.some(isNoUrl)) return '***';
      const wrong = items.filter((item) => typeof item !== 'string' || !test(item));
      return (wrong.length === 0 ? items : wrong).map(showUrl).join(', ');
    },
  };
}

function isNoUrl(item: unknown): boolean {
  return typeof item === 'string' && item !== '' && !/^[a-z][a-z0-9+.-]*:\/\//i.test(item);
}

/** A password or token: any text but an empty one, kept to the letter and never shown. */
export function secret(expected: string): Kind<string> {
  const fromCode = v.pipe(v.string(), v.minLength(1));
  return { expected, fromText: fromCode, fromCode, show: () => '***' };
}

/** What may be said of a value that stands where nothing is known about it: only its type. */
export function showType(value: unknown): string {
  if (value === null) return '(null)';
  return Array.isArray(value) ? '(array)' : `(${typeof value})`;
}

function showUrl(value: unknown): string {
  if (value === '') return '(empty)';
  return typeof value === 'string' ? oneLine(maskUrl(value)) : showType(value);
}

function showPlain(value: unknown): string {
  if (value === '') return '(empty)';
  // A URL may have been pasted into the wrong variable, password and all.
  if (typeof value === 'string') return oneLine(/:\/\/|@/.test(value) ? maskUrl(value) : value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : showType(value);
}

function oneLine(value: string): string {
  const escaped = value.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return escaped.length > MAX_SHOWN_LENGTH ? `${escaped.slice(0, MAX_SHOWN_LENGTH)}...` : escaped;
}
