import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

/** Runs the command as a user does; gives its exit code and output. */
function check(...args: string[]): { status: number | null; output: string } {
  const { NODE_OPTIONS: _jests, ...env } = process.env;
  const command = ['--import', 'tsx', 'scripts/check-coherence.ts', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { env, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const figure = (output: string, name: string): number =>
  Number(new RegExp(`^${name} +([\\d,]+)`, 'm').exec(output)?.[1]?.replaceAll(',', '') ?? Number.NaN);

describe('npm run check:coherence', () => {
  test.each([1, 2, 3])(
    'finds nothing in holdfast, whose cache answers most reads (seed %i)',
    (seed) => {
      const { status, output } = check('--seconds', '3', '--seed', `${seed}`);
      expect(output).toContain(`seed ${seed}`);
      expect({ status, output }).toMatchObject({ status: 0 });
      expect(figure(output, 'reads')).toBeGreaterThan(1_000);
      expect(figure(output, 'writes')).toBeGreaterThan(50);
      const share = Number(/([\d.]+) % from the cache/.exec(output)?.[1]);
      expect(share).toBeGreaterThan(30);
    },
    60_000,
  );

  test('finds stale reads in plain cache-aside: a check that cannot fail proves nothing', () => {
    const { status, output } = check('--seconds', '3', '--adapter', 'naive', '--seed', '1');
    expect(status).toBe(1);
    expect(figure(output, 'stale reads')).toBeGreaterThan(0);
    expect(output).toMatch(
      /stale: row \d+ showed version \d+, begun \d+ µs after version \d+ was acknowledged/,
    );
  }, 60_000);

  test('refuses an option that it does not know', () => {
    expect(check('--faults', 'kill')).toMatchObject({ status: 2 });
  });
});
