import { formatCount, formatMs, formatQuantity, formatShare } from '../support/format.js';
import type { CheckArguments } from './arguments.js';
import { NS_PER_MS } from './clock.js';
import { describeExample, writeLine } from './describe.js';
import type { Failure } from './history.js';
import type { StaleRegister } from './quiescence.js';
import type { CheckResult } from './run-check.js';

/** Fewer reads say nothing about shares. */
const READS_FOR_A_SHARE = 10_000;
const SHOWN = 5;

export interface Report {
  readonly text: string;
  /** Whether anything was found that must not be. */
  readonly passed: boolean;
}

/** Puts the findings into words. */
export function reportOf(result: CheckResult, options: CheckArguments): Report {
  const { verdict, quiescence, failures, world, hung, crashed } = result;
  const { violations, lost, reads } = verdict;
  const perMillion = (count: number): string =>
    `${formatCount(count)} (${formatCount(Math.round((count / Math.max(1, reads)) * 1e6))} per million reads)`;
  const expectation = failedExpectation(result, options);
  const found =
    violations.stale +
    violations.inversion +
    violations.uncommitted +
    lost.length +
    failures.unexplained.length +
    quiescence.stale.length +
    quiescence.adrift.length +
    hung +
    crashed;
  const lines = [
    row('reads', `${formatCount(reads)}${sharesOf(result)}`),
    row('writes', `${formatCount(verdict.writes)}${otherOutcomes(result)}`),
    row('loads', formatCount(result.answers.loads)),
    row('stale reads', perMillion(violations.stale)),
    row('inversions', perMillion(violations.inversion)),
    row('uncommitted reads', perMillion(violations.uncommitted)),
    row('writes lost', formatCount(lost.length)),
    row('failed', formatCount(failures.unexplained.length)),
    row('stale when quiet', staleWhenQuiet(result)),
    ...toleratedLines(result),
    ...failureLines('failures explained by a fault', failures.explained),
    ...faultLines(result),
    ...stallLines(result),
    ...leftOutLines(result),
    ...(hung === 0 ? [] : [row('processes hung', formatCount(hung))]),
    ...(crashed === 0 ? [] : [row('processes crashed', formatCount(crashed))]),
    row('seed', String(options.seed)),
    ...(expectation === null ? [] : [`expectation failed: ${expectation}`]),
    ...verdict.examples.flatMap((example) => ['', ...describeExample(example, world)]),
    ...lost.slice(0, SHOWN).map(({ kind, write }) => `${kind}: ${writeLine(write)}`),
    ...staleRegisterLines(result),
    ...quiescence.adrift.map((register) => `not as committed: ${world.nameOf(register)}`),
    ...failureLines('failures that no fault explains', failures.unexplained),
  ];
  return { text: `${lines.join('\n')}\n`, passed: found === 0 && expectation === null };
}

const row = (name: string, text: string): string => `${name.padEnd(22)}${text}`;

function sharesOf({ answers, verdict }: CheckResult): string {
  const share = (count: number): string => formatShare(Math.min(1, count / Math.max(1, verdict.reads)));
  const { near, shared } = answers;
  const database = Math.max(0, verdict.reads - (near ?? 0) - shared);
  const parts = [
    ...(near === null ? [] : [`${share(near)} from the near cache`]),
    `${share(shared)} from the shared cache`,
    `${share(database)} from the database`,
  ];
  return `: ${parts.join(', ')}`;
}

function otherOutcomes({ outcomes }: CheckResult): string {
  const others = Object.entries(outcomes).filter(([outcome]) => outcome !== 'acknowledged');
  if (others.length === 0) return '';
  const words: Readonly<Record<string, string>> = {
    rolledBack: 'rolled back',
    nothing: 'with nothing to change',
  };
  return ` acknowledged; ${others.map(([name, count]) => `${formatCount(count)} ${words[name] ?? name}`).join(', ')}`;
}

function staleWhenQuiet({ quiescence }: CheckResult): string {
  const registers = new Set(quiescence.stale.map(({ register }) => register)).size;
  return `${formatQuantity(registers, 'register')}, after ${formatMs(quiescence.tookMs)}`;
}

/** Each register that is still stale, who sees it so, and the write that they miss. */
function staleRegisterLines({ quiescence, verdict, world }: CheckResult): readonly string[] {
  const registers = new Map<number, StaleRegister[]>();
  for (const seen of quiescence.stale) {
    registers.set(seen.register, [...(registers.get(seen.register) ?? []), seen]);
  }
  return [...registers].slice(0, SHOWN).flatMap(([register, seen]) => {
    const write = verdict.lastWrites[register] ?? null;
    const states = seen.map(({ process, state }) => `process ${process} sees state ${state}`);
    return [
      '',
      `stale when quiet: ${world.nameOf(register)}`,
      write === null ? '  the last write is not known' : `  ${writeLine(write)}: state ${seen[0]?.expected}`,
      `  ${[...new Set(states)].join(', ')}`,
    ];
  });
}

const REASONS = {
  around: 'of raw SQL, within its bound',
  partition: 'of a process cut off, within the bound',
  unheard: 'of a write whose process was killed before it could tell of it',
  lostFence: 'before the end of a write whose fence was lost',
  eventual: 'of other processes, within the bound of eventual',
} as const;

function toleratedLines({ verdict }: CheckResult): readonly string[] {
  return Object.entries(verdict.tolerated).flatMap(([reason, { stale, inversion }]) => {
    if (stale.count + inversion.count === 0) return [];
    const why = REASONS[reason as keyof typeof REASONS];
    const late = `by up to ${formatMs(stale.maxNs / NS_PER_MS)} (p99 ${formatMs(stale.p99Ns / NS_PER_MS)})`;
    const found = [
      ...(stale.count === 0 ? [] : [`${formatCount(stale.count)} stale ${late}`]),
      ...(inversion.count === 0 ? [] : [`${formatCount(inversion.count)} inversions`]),
    ];
    return [row('tolerated', `${found.join(', ')}: ${why}`)];
  });
}

function failureLines(title: string, failures: readonly Failure[]): readonly string[] {
  if (failures.length === 0) return [];
  const byCode = new Map<string, Failure[]>();
  for (const failure of failures) byCode.set(failure.code, [...(byCode.get(failure.code) ?? []), failure]);
  return [
    `${title}:`,
    ...[...byCode].map(([code, [first, ...rest]]) => {
      const example =
        first === undefined ? '' : `, such as ${first.what}: ${first.message.split('\n').at(-1)}`;
      return `  ${code}: ${formatCount(rest.length + 1)}${example}`;
    }),
  ];
}

function faultLines({ faults }: CheckResult): readonly string[] {
  const kinds = new Map<string, number>();
  for (const { kind } of faults) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return kinds.size === 0
    ? []
    : [row('faults', [...kinds].map(([kind, count]) => `${kind} ${count}`).join(', '))];
}

/** A machine that has no time to give makes everything late: worth knowing beside the figures. */
function stallLines({ stalls }: CheckResult): readonly string[] {
  if (stalls.length === 0) return [];
  const longest = stalls.reduce((max, { begunAt, endedAt }) => Math.max(max, endedAt - begunAt), 0);
  return [row('stalls', `${formatCount(stalls.length)}, the longest ${formatMs(longest / NS_PER_MS)}`)];
}

function leftOutLines({ leftOut }: CheckResult): readonly string[] {
  return [
    ...(leftOut.length === 0
      ? []
      : [row('left out', `${leftOut.join(', ')}: nothing tells the cache of them`)]),
  ];
}

/** Strictness could be bought by not caching near: without faults, over half must come from there. */
function failedExpectation({ answers, verdict }: CheckResult, options: CheckArguments): string | null {
  const { adapter, coherence, faults } = options;
  const near = answers.near;
  if (adapter !== 'holdfast' || near === null || faults.length > 0) return null;
  if ((coherence ?? 'strict') !== 'strict' || verdict.reads < READS_FOR_A_SHARE) return null;
  const share = near / verdict.reads;
  return share > 0.5
    ? null
    : `the near cache answered ${formatShare(share)} of the reads, and not over half.`;
}
