import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What a result was taken on. Figures of two machines are not to be compared; ratios are. */
export interface Machine {
  /** Of the checkout, with `+` where it has changes; null where it is no git repository. */
  readonly commit: string | null;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export function thisMachine(): Machine {
  return {
    commit: commitOf(ROOT),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  };
}

function commitOf(folder: string): string | null {
  const commit = git(folder, ['rev-parse', '--short=12', 'HEAD']);
  if (commit === null) return null;
  return git(folder, ['status', '--porcelain', '--untracked-files=no']) === '' ? commit : `${commit}+`;
}

function git(cwd: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
