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

const NOTHING_FOUND = {
  'stale reads': 0,
  inversions: 0,
  'uncommitted reads': 0,
  'writes lost': 0,
  failed: 0,
  'stale when quiet': 0,
};

const found = (output: string): Record<string, number> =>
  Object.fromEntries(Object.keys(NOTHING_FOUND).map((name) => [name, figure(output, name)]));

describe('npm run check:coherence', () => {
  test.each([1, 2, 3])(
    'finds nothing in holdfast (seed %i)',
    (seed) => {
      const { status, output } = check('--seconds', '3', '--seed', `${seed}`);
      expect({ ...found(output), output }).toEqual({ ...NOTHING_FOUND, output });
      expect({ status, output }).toMatchObject({ status: 0 });
      expect(output).toMatch(new RegExp(`^seed +${seed}$`, 'm'));
      expect(figure(output, 'reads')).toBeGreaterThan(100);
      expect(figure(output, 'writes')).toBeGreaterThan(0);
    },
    60_000,
  );

  test('finds nothing in holdfast while a process is killed, and Redis is paused and loses its data', () => {
    const { status, output } = check(
      ...['--seconds', '6', '--seed', '4', '--processes', '2'],
      ...['--faults', 'kill,redis-restart,redis-pause', '--verbose'],
    );
    expect({ ...found(output), output }).toEqual({ ...NOTHING_FOUND, output });
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(output).toMatch(/^faults +.*kill 1/m);
    expect(output).toMatch(/^redis-restart, with its data: [\d.]+ s to [\d.]+ s$/m);
  }, 120_000);

  test('finds stale reads in plain cache-aside: a check that cannot fail proves nothing', () => {
    const { status, output } = check(
      '--seconds',
      '4',
      '--adapter',
      'naive',
      '--seed',
      '1',
      '--keys',
      '5',
      '--pause',
      '5',
    );
    expect(status).toBe(1);
    expect(figure(output, 'stale reads')).toBeGreaterThan(0);
    expect(output).toMatch(
      /^stale: .+\n {2}process \d wrote \(.+\), .+, acknowledged: version \d+ .+\n {2}process \d read, .+, begun [\d,]+ µs after that$/m,
    );
  }, 120_000);

  test('refuses what it does not know', () => {
    for (const wrong of [['--faults', 'flood'], ['--coherence', 'lax'], ['--seconds', '0'], ['--colour']]) {
      expect(check(...wrong)).toMatchObject({ status: 2 });
    }
  });
});
