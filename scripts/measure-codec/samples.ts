import { Decimal } from '@prisma/client/runtime/client';
import { type RandomSource, Xoshiro128 } from '../support/random.js';

/** What entries hold, in sizes from a count to a list of two thousand rows. The same on every run. */
export function samples(): readonly (readonly [string, unknown])[] {
  const random = Xoshiro128.fromSeed(1);
  const list = <T>(count: number, one: (random: RandomSource) => T) =>
    Array.from({ length: count }, () => one(random));
  return [
    ['a count', 1_234],
    ['user', user(random)],
    ['project', project(random)],
    ['user with 1 KB of text', { ...user(random), biography: prose(random, 1_024) }],
    ['project with owner and 5 jobs', { ...project(random), owner: user(random), jobs: list(5, job) }],
    ['50 users', list(50, user)],
    ['50 projects', list(50, project)],
    ['JSON column of 100 KB', { id: uuid(random), analysis: { files: list(620, file) } }],
    ['2,000 projects', list(2_000, project)],
  ];
}

const WORDS =
  `the quick project converts each module from one stack to another and writes a report of every file that
  it could not read because a rule of the linter or a type was missing in shop cart order user page button widget legacy
  script style route state store hook query form table model view service client server test build bundle chunk asset`
    .split(/\s+/)
    .filter((word) => word !== '');

function user(random: RandomSource): object {
  const name = `${word(random)}${random.nextInteger(9_999)}`;
  return {
    id: uuid(random),
    githubId: String(random.nextInteger(90_000_000)),
    email: `${name}@example.com`,
    username: name,
    name: random.nextInteger(3) === 0 ? null : `${word(random)} ${word(random)}`,
    avatarUrl: `https://avatars.githubusercontent.com/u/${random.nextInteger(90_000_000)}?v=4`,
    createdAt: date(random),
    updatedAt: date(random),
  };
}

function project(random: RandomSource): object {
  return {
    id: uuid(random),
    ownerId: uuid(random),
    name: `${word(random)} ${word(random)}`,
    description: prose(random, 60 + random.nextInteger(60)),
    version: version(random),
    sourceStack: { jquery: version(random), bootstrap: version(random), grunt: version(random) },
    targetStack: random.nextInteger(3) === 0 ? null : { react: version(random), vite: version(random) },
    status: ['DRAFT', 'ANALYZING', 'READY', 'CONVERTING', 'COMPLETED'][random.nextInteger(5)],
    analysis: {
      files: random.nextInteger(900),
      languages: { javascript: random.next(), css: random.next(), html: random.next() },
      warnings: [file(random), file(random)],
    },
    tags: [word(random), word(random)],
    fileCount: random.nextInteger(900),
    sizeBytes: BigInt(random.nextInteger(2 ** 31)) * 5n,
    estimatedCost: new Decimal(random.nextInteger(9_999_999)).div(10_000),
    createdAt: date(random),
    updatedAt: date(random),
  };
}

function job(random: RandomSource): object {
  return {
    id: uuid(random),
    type: 'CONVERSION',
    status: 'COMPLETED',
    progress: random.nextInteger(101),
    attempts: 1,
    error: null,
    result: null,
    createdAt: date(random),
    finishedAt: date(random),
  };
}

function file(random: RandomSource): object {
  return {
    path: `src/${word(random)}/${word(random)}-${word(random)}.js`,
    lines: random.nextInteger(2_000),
    complexity: random.nextInteger(1_000) / 10,
    issues: random.nextInteger(3) === 0 ? [{ rule: 'no-var', line: random.nextInteger(2_000) }] : [],
    note: prose(random, random.nextInteger(60)),
  };
}

const word = (random: RandomSource): string => WORDS[random.nextInteger(WORDS.length)] ?? '';
const version = (random: RandomSource): string => `^${random.nextInteger(20)}.${random.nextInteger(20)}.1`;
const date = (random: RandomSource): Date => new Date(1_760_000_000_000 + random.nextInteger(2 ** 31));

function prose(random: RandomSource, length: number): string {
  let text = '';
  while (text.length < length) text += `${word(random)} `;
  return text.slice(0, length);
}

function uuid(random: RandomSource): string {
  const hex = Array.from({ length: 4 }, () =>
    random
      .nextInteger(2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
