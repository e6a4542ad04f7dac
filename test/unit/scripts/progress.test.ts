import { describe, expect, test } from '@jest/globals';
import { Progress } from '../../../scripts/support/progress.js';

class Recorder {
  readonly written: string[] = [];
  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
  ) {}
  write(text: string): void {
    this.written.push(text);
  }
}

describe('the progress of a command', () => {
  test('off a terminal is one plain line per step', () => {
    const terminal = new Recorder(false, 80);
    let now = 0;
    const step = new Progress(terminal, () => now).start('importing');
    step.update(0.5, 'half');
    now = 1500;
    step.finish('Imported 10 rows');
    expect(terminal.written).toEqual(['Imported 10 rows (1.5 s)\n']);
  });

  test('on a terminal is a bar that the closing line replaces', () => {
    const terminal = new Recorder(true, 80);
    let now = 0;
    const step = new Progress(terminal, () => now).start('importing');
    now = 200;
    step.update(0.5, '5 of 10');
    step.finish('Imported 10 rows');
    const text = terminal.written.join('');
    expect(text).toContain('████████████░░░░░░░░░░░░  50 %  5 of 10');
    expect(text.endsWith('\r\u001b[2KImported 10 rows (0.2 s)\n')).toBe(true);
  });

  test('redraws its bar at most ten times a second', () => {
    const terminal = new Recorder(true, 80);
    let now = 0;
    const step = new Progress(terminal, () => now).start('importing');
    for (now = 0; now < 1000; now++) {
      step.update(now / 1000, '');
    }
    expect(terminal.written.length).toBeLessThanOrEqual(11);
  });

  test('never draws a bar wider than the terminal', () => {
    const terminal = new Recorder(true, 30);
    let now = 0;
    const step = new Progress(terminal, () => now).start('importing');
    now = 200;
    step.update(0.5, 'x'.repeat(100));
    expect(terminal.written).toHaveLength(2);
    expect(Math.max(...terminal.written.map((text) => text.replace('\r\u001b[2K', '').length))).toBeLessThan(
      30,
    );
  });
});
