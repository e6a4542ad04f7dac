import type { MaintenanceProgress } from '../../src/maintenance/index.js';
import { Progress, type Step, type Terminal } from '../support/progress.js';
import type { MaintenanceCommand } from './arguments.js';
import { renderResultLine } from './render-results.js';

const labels: Readonly<Record<MaintenanceCommand, string>> = {
  run: 'Maintaining',
  vacuum: 'Vacuuming',
  analyze: 'Analyzing',
  reindex: 'Reindexing',
  report: 'Reporting',
};

/** Shows how a run advances: a bar over all tables on a terminal, elsewhere a line per table that was worked on. */
export class RunProgress {
  /** Takes the events of a run. */
  readonly show: (event: MaintenanceProgress) => void;
  readonly #progress: Progress;
  readonly #terminal: Terminal;
  readonly #label: string;
  #step: Step | null = null;

  constructor(terminal: Terminal, command: MaintenanceCommand) {
    this.#terminal = terminal;
    this.#progress = new Progress(terminal);
    this.#label = labels[command];
    this.show = (event) => this.#show(event);
  }

  /** Takes the bar away. */
  clear(): void {
    this.#progress.clear();
  }

  #show(event: MaintenanceProgress): void {
    if (event.kind === 'table-ended') {
      const { result } = event;
      if (!this.#terminal.isTTY && result.reason?.code !== 'not-due') {
        this.#progress.line(renderResultLine(result));
      }
      return;
    }
    this.#step ??= this.#progress.start(this.#label);
    const share = event.kind === 'table-advanced' ? (event.share ?? 0) : 0;
    const phase = event.kind === 'table-advanced' ? `, ${event.phase}` : '';
    this.#step.update(
      (event.index + share) / event.total,
      `${event.index + 1} of ${event.total}: ${event.table}${phase}`,
    );
  }
}
