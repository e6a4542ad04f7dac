import { type RandomSource, shuffled } from '../support/random.js';
import { estimatedCostUsd } from './estimated-cost.js';
import type { ImportedProject } from './import-packages.js';
import { LiveJobs } from './live-jobs.js';
import type { Repositories } from './repositories.js';
import type { Workload } from './traffic.js';
import type { VersionLedger } from './version-ledger.js';
import { avatarUrlAt, jobVersion, projectVersion, userVersion } from './versions.js';
import { ZipfSampler } from './zipf.js';

const zipfSkew = 0.99;

/** Of the reads: so many of a project, so many of its owner; the rest are of its jobs. */
const projectReadShare = 0.75;
const ownerReadShare = 0.15;

/** Of the writes: so many of a project, so many of its owner; the rest take a job one step further. */
const projectWriteShare = 0.6;
const ownerWriteShare = 0.2;

const liveJobCount = 16;
const bytesPerAddedFile = 4096n;

/**
 * The traffic of the demo: projects, their owners and their jobs are read and written by Zipf's law, the same few
 * being wanted most of the time. Every read is judged against what this process knows to be acknowledged.
 */
export class DemoWorkload implements Workload {
  readonly #repositories: Repositories;
  readonly #ledger: VersionLedger;
  readonly #random: RandomSource;
  readonly #byRank: readonly ImportedProject[];
  readonly #ranks: ZipfSampler;
  readonly #liveJobs: LiveJobs;
  readonly #writing = new Set<string>();

  constructor(
    projects: readonly ImportedProject[],
    repositories: Repositories,
    ledger: VersionLedger,
    random: RandomSource,
  ) {
    this.#repositories = repositories;
    this.#ledger = ledger;
    this.#random = random;
    // Shuffled, since the order of names would make all of one scope popular together.
    this.#byRank = shuffled(projects, random);
    this.#ranks = new ZipfSampler(projects.length, zipfSkew, random);
    this.#liveJobs = new LiveJobs(this.#byRank.slice(0, liveJobCount), repositories.jobs, ledger, random);
    for (const project of projects) {
      ledger.acknowledge(project.id, projectVersion(project));
      ledger.acknowledge(project.jobId, jobVersion({ status: 'COMPLETED', progress: 100 }));
    }
  }

  nextRead(): () => Promise<boolean> {
    const { users, projects, jobs } = this.#repositories;
    const project = this.#someProject();
    const kind = this.#random.next();
    if (kind < projectReadShare) {
      return () => this.#judged(project.id, (id) => projects.findById(id), projectVersion);
    }
    if (kind < projectReadShare + ownerReadShare) {
      return () => this.#judged(project.owner.id, (id) => users.findById(id), userVersion);
    }
    const liveId = this.#random.next() < 0.5 ? this.#liveJobs.someId() : null;
    return () => this.#judged(liveId ?? project.jobId, (id) => jobs.findById(id), jobVersion);
  }

  write(): Promise<boolean> {
    const kind = this.#random.next();
    if (kind < projectWriteShare) {
      return this.#addFile(this.#someProject());
    }
    if (kind < projectWriteShare + ownerWriteShare) {
      return this.#renewAvatar(this.#someProject());
    }
    return this.#liveJobs.step();
  }

  /** Ends what the traffic has left under way. */
  async finish(): Promise<void> {
    await this.#liveJobs.cancelAll();
  }

  async #judged<T>(
    id: string,
    find: (id: string) => Promise<T>,
    versionOf: (found: T) => number,
  ): Promise<boolean> {
    const floorAtStart = this.#ledger.floor(id);
    return this.#ledger.judge(id, floorAtStart, versionOf(await find(id)));
  }

  #addFile(project: ImportedProject): Promise<boolean> {
    return this.#nextVersion(project.id, async (fileCount) => {
      const sizeBytes = project.sizeBytes + BigInt(fileCount - project.fileCount) * bytesPerAddedFile;
      const estimatedCost = estimatedCostUsd(sizeBytes);
      await this.#repositories.projects.update(project.id, { fileCount, sizeBytes, estimatedCost });
    });
  }

  #renewAvatar({ owner }: ImportedProject): Promise<boolean> {
    return this.#nextVersion(owner.id, async (version) => {
      await this.#repositories.users.update(owner.id, { avatarUrl: avatarUrlAt(owner.avatarUrl, version) });
    });
  }

  /** One writer per key: of two whose answers overtake each other, nobody could say which version is the newer. */
  async #nextVersion(id: string, write: (version: number) => Promise<void>): Promise<boolean> {
    if (this.#writing.has(id)) {
      return false;
    }
    this.#writing.add(id);
    try {
      const version = this.#ledger.floor(id) + 1;
      await write(version);
      this.#ledger.acknowledge(id, version);
      return true;
    } finally {
      this.#writing.delete(id);
    }
  }

  #someProject(): ImportedProject {
    return this.#byRank[this.#ranks.next()] as ImportedProject;
  }
}
