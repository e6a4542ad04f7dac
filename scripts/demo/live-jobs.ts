import type { RandomSource } from '../support/random.js';
import type { ImportedProject } from './import-packages.js';
import type { Repositories } from './repositories.js';
import type { VersionLedger } from './version-ledger.js';
import { jobVersion } from './versions.js';

interface Slot {
  readonly project: ImportedProject;
  jobId: string | null;
  status: 'PENDING' | 'RUNNING';
  progress: number;
  busy: boolean;
}

const progressPerStep = 10;

/**
 * The conversions under way while traffic is served: a few jobs that each write takes one step further, from creation
 * over start and progress to completion, after which the next job takes the place.
 */
export class LiveJobs {
  readonly #slots: readonly Slot[];
  readonly #jobs: Repositories['jobs'];
  readonly #ledger: VersionLedger;
  readonly #random: RandomSource;

  constructor(
    projects: readonly ImportedProject[],
    jobs: Repositories['jobs'],
    ledger: VersionLedger,
    random: RandomSource,
  ) {
    this.#slots = projects.map((project) => ({
      project,
      jobId: null,
      status: 'PENDING',
      progress: 0,
      busy: false,
    }));
    this.#jobs = jobs;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** The id of some job under way, or null. */
  someId(): string | null {
    return this.#someSlot()?.jobId ?? null;
  }

  /** Takes some job one step further; false when another writer is at it. */
  async step(): Promise<boolean> {
    const slot = this.#someSlot();
    // One writer per job: of two whose answers overtake each other, nobody could say which version is the newer.
    if (slot === undefined || slot.busy) {
      return false;
    }
    slot.busy = true;
    try {
      await this.#advance(slot);
      return true;
    } finally {
      slot.busy = false;
    }
  }

  /** Cancels what is still under way, so that no job seems to run for ever. */
  async cancelAll(): Promise<void> {
    for (const slot of this.#slots) {
      if (slot.jobId !== null) {
        await this.#jobs.cancel(slot.jobId);
        slot.jobId = null;
      }
    }
  }

  async #advance(slot: Slot): Promise<void> {
    const { id: projectId, owner } = slot.project;
    if (slot.jobId === null) {
      const job = await this.#jobs.create({ projectId, userId: owner.id, type: 'CONVERSION' });
      Object.assign(slot, { jobId: job.id, status: 'PENDING', progress: 0 });
    } else if (slot.status === 'PENDING') {
      await this.#jobs.start(slot.jobId);
      slot.status = 'RUNNING';
      this.#ledger.acknowledge(slot.jobId, jobVersion(slot));
    } else if (slot.progress < 100) {
      await this.#jobs.updateProgress(slot.jobId, slot.progress + progressPerStep);
      slot.progress += progressPerStep;
      this.#ledger.acknowledge(slot.jobId, jobVersion(slot));
    } else {
      await this.#jobs.markCompleted(slot.jobId, { convertedFiles: slot.project.fileCount });
      this.#ledger.acknowledge(slot.jobId, jobVersion({ status: 'COMPLETED', progress: 100 }));
      slot.jobId = null;
    }
  }

  #someSlot(): Slot | undefined {
    return this.#slots[this.#random.nextInteger(this.#slots.length)];
  }
}
