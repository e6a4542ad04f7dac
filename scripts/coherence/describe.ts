import { NS_PER_MS } from './clock.js';
import type { FaultWindow, WriteRecord } from './history.js';
import type { Example } from './judge/judge.js';
import type { Read } from './judge/register-judge.js';
import type { World } from './world.js';

/** The operations that show a violation, a line each. */
export function describeExample(example: Example, world: World): readonly string[] {
  const { kind, register, read, write, seenBy, version, expected, expectedState } = example;
  const lines = [`${kind}: ${world.nameOf(register)}`];
  if (write !== null) lines.push(`  ${writeLine(write)}${made(expected, expectedState)}`);
  else if (kind !== 'uncommitted') lines.push(`  a write that is not known${made(expected, expectedState)}`);
  if (seenBy !== null) lines.push(`  ${readLine(seenBy)}, saw version ${expected}`);
  const seen =
    version === null
      ? `saw state ${read.state}, which it never had`
      : `saw version ${version} (state ${read.state})`;
  const reference = seenBy?.endedAt ?? (kind === 'stale' ? write?.endedAt : undefined);
  const gap = reference === undefined ? '' : `, begun ${microseconds(read.begunAt - reference)} after that`;
  lines.push(`  ${readLine(read)}, ${seen}${gap}`);
  for (const fault of example.faults) lines.push(`  meanwhile: ${faultLine(fault)}`);
  return lines;
}

export function faultLine({ kind, detail, process, begunAt, endedAt }: FaultWindow): string {
  const whom = process === null ? '' : ` of process ${process}`;
  return `${kind}${whom}, ${detail}: ${at(begunAt)} to ${at(endedAt)}`;
}

export function writeLine({ process, kind, outcome, begunAt, endedAt }: WriteRecord): string {
  const end = endedAt === Number.POSITIVE_INFINITY ? 'the end is not known' : at(endedAt);
  return `process ${process} wrote (${kind}), ${at(begunAt)} to ${end}, ${OUTCOMES[outcome]}`;
}

const OUTCOMES: Readonly<Record<WriteRecord['outcome'], string>> = {
  acknowledged: 'acknowledged',
  nothing: 'acknowledged, with nothing to change',
  refused: 'refused',
  rolledBack: 'rolled back',
  failed: 'failed',
  unknown: 'its process was killed',
};

const made = (version: number | null, state: number | null): string =>
  version === null ? '' : `: version ${version} (state ${state})`;

const readLine = ({ process, begunAt, endedAt }: Read): string =>
  `process ${process} read, ${at(begunAt)} to ${at(endedAt)}`;

/** A moment as seconds of the run, to the microsecond. */
const at = (moment: number): string => `${(moment / NS_PER_MS / 1_000).toFixed(6)} s`;

const microseconds = (ns: number): string => `${Math.round(ns / 1_000).toLocaleString('en-US')} µs`;
