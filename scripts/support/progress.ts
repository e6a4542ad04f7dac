import { formatCount, formatSeconds } from './format.js';

/** Where a command writes; standard output is one. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A step under way: shows how far it is and ends in one line. */
export interface Step {
  /** The share that is done, between 0 and 1, and what to say about it. */
  update(share: number, note: string): void;
  /** Ends the step with a line that stays. */
  finish(line: string): void;
}

const barWidth = 24;
const redrawEveryMs = 100;
const clearLine = '\r\u001b[2K';

/** Tells how the work goes: a bar that redraws itself on a terminal, elsewhere a plain line per step. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #barShown = false;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** Writes a line that stays. */
  line(text = ''): void {
    this.clear();
    this.#terminal.write(`${text}\n`);
  }

  start(label: string): Step {
    const startedAt = this.#now();
    let drawnAt = startedAt;
    const update = (share: number, note: string) => {
      const now = this.#now();
      if (now - drawnAt >= redrawEveryMs) {
        drawnAt = now;
        this.#draw(`${label.padEnd(10)} ${bar(share)} ${percent(share)}  ${note}`);
      }
    };
    this.#draw(`${label} …`);
    return { update, finish: (line) => this.line(`${line} (${formatSeconds(this.#now() - startedAt)})`) };
  }

  /** Takes away a bar that is still shown, as when a step failed. */
  clear(): void {
    if (this.#barShown) {
      this.#terminal.write(clearLine);
      this.#barShown = false;
    }
  }

  #draw(text: string): void {
    if (!this.#terminal.isTTY) {
      return;
    }
    // A line that wraps could not be taken away again.
    this.#terminal.write(`${clearLine}${text.slice(0, (this.#terminal.columns ?? 80) - 1)}`);
    this.#barShown = true;
  }
}

/** "1,200 of 3,000". */
export function countNote(done: number, total: number): string {
  return `${formatCount(done)} of ${formatCount(total)}`;
}

function bar(share: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
}

function percent(share: number): string {
  const whole = Math.floor(Math.min(Math.max(share, 0), 1) * 100);
  return `${String(whole).padStart(3)} %`;
}
