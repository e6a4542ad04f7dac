import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Says in one line what a step is about to do. */
export function say(line) {
  console.log(`setup: ${line}`);
}

/**
 * Runs a program in the root of the repository and keeps its output, which is worth reading only if it fails.
 * @returns {{ ok: boolean, output: string }}
 */
export function run(program, args, environment = {}) {
  const result = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  const output = [result.stdout, result.stderr, result.error?.message].filter(Boolean).join('\n').trim();
  return { ok: result.status === 0, output };
}
