import { formatCount, formatShare } from '../support/format.js';
import { CheckUsageError, helpText, parseCheckArguments } from './arguments.js';
import type { Violation } from './judge.js';
import { runCheck } from './run-check.js';

/** Runs the command; gives its exit code: 0 when nothing was found, 1 when something was, 2 for a wrong option. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = parseCheckArguments(argv);
    if (options.help) {
      process.stdout.write(helpText);
      return 0;
    }
    const { adapter, processes, keys, seconds, seed } = options;
    process.stdout.write(`${adapter}: ${processes} processes, ${keys} rows, ${seconds} s, seed ${seed}\n`);
    const result = await runCheck(options);
    const { reads, writes, hits, stale, inversions, uncommitted, lost } = result;
    const perMillion = (count: number): string =>
      `${formatCount(count)} (${formatCount(Math.round((count / Math.max(1, reads)) * 1e6))} per million reads)`;
    process.stdout.write(
      [
        `reads                 ${formatCount(reads)}, ${formatShare(hits / Math.max(1, reads))} from the cache`,
        `writes                ${formatCount(writes)}`,
        `stale reads           ${perMillion(stale)}`,
        `inversions            ${perMillion(inversions)}`,
        `uncommitted reads     ${perMillion(uncommitted)}`,
        `writes lost           ${formatCount(lost)}`,
        ...result.examples.map(describe),
        '',
      ].join('\n'),
    );
    return stale + inversions + uncommitted + lost === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof CheckUsageError)) throw error;
    process.stderr.write(`${error.message}\nTry: npm run check:coherence -- --help\n`);
    return 2;
  }
}

function describe({ kind, key, version, expected, gapUs }: Violation): string {
  if (kind === 'uncommitted')
    return `  uncommitted: row ${key} showed version ${version} with mark ${expected}`;
  const what = kind === 'stale' ? 'was acknowledged' : 'had been read';
  return `  ${kind}: row ${key} showed version ${version}, begun ${Math.round(gapUs)} µs after version ${expected} ${what}`;
}
