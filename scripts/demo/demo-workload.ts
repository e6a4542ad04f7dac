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

/** What is read, and how often of a hundred times. */
const reads = [
  ['project', 60],
  ['owner', 12],
  ['job', 8],
  ['projectsOfOwner', 10],
  ['projectWithJobs', 5],
  ['figuresOfOwner', 5],
] as const;
type ReadKind = (typeof reads)[number][0];

/** Of the writes: so many of a project, so many of its owner; the rest take a job one step further. */
const projectWriteShare = 0.6;
const ownerWriteShare = 0.2;

const liveJobCount = 16;
const bytesPerAddedFile = 4096n;

/**
 * The traffic of the demo: projects, their owners and their jobs are read and written by Zipf's law, the same few
 * being wanted most of the time. Every read of an entity, alone or in a list, is judged against what this process knows to
 * be acknowledged.
 */
export class DemoWorkload implements Workload {
  readonly #repositories: Repositories;
  readonly #ledger: VersionLedger;
  readonly #random: RandomSource;
  readonly #byRank: readonly ImportedProject[];
  readonly #ranks: ZipfSampler;
  readonly #liveJobs: LiveJobs;
  readonly #byOwner = new Map<string, string[]>();
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
      this.#byOwner.set(project.owner.id, [...(this.#byOwner.get(project.owner.id) ?? []), project.id]);
      ledger.acknowledge(project.id, projectVersion(project));
      ledger.acknowledge(project.jobId, jobVersion({ status: 'COMPLETED', progress: 100 }));
    }
  }

  nextRead(): () => Promise<boolean> {
    const { users, projects, jobs } = this.#repositories;
    const project = this.#someProject();
    const { owner } = project;
    switch (this.#someKind()) {
      case 'project':
        return () => this.#judged(project.id, (id) => projects.findById(id), projectVersion);
      case 'owner':
        return () => this.#judged(owner.id, (id) => users.findById(id), userVersion);
      case 'job': {
        const liveId = this.#random.next() < 0.5 ? this.#liveJobs.someId() : null;
        return () => this.#judged(liveId ?? project.jobId, (id) => jobs.findById(id), jobVersion);
      }
      case 'projectsOfOwner':
        return () => this.#judgedList(owner.id);
      case 'projectWithJobs':
        return () => this.#judged(project.id, (id) => projects.findWithJobs(id), projectVersion);
      case 'figuresOfOwner':
        return async () => (await users.figuresOf(owner.id)).projects.total > 0;
    }
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

  /** The newest projects of an owner, each judged by itself. */
  async #judgedList(ownerId: string): Promise<boolean> {
    const floors = new Map((this.#byOwner.get(ownerId) ?? []).map((id) => [id, this.#ledger.floor(id)]));
    const { items } = await this.#repositories.projects.findByUser(ownerId);
    return items
      .map((project) => this.#ledger.judge(project.id, floors.get(project.id) ?? 0, projectVersion(project)))
      .every(Boolean);
  }

  #someKind(): ReadKind {
    let rest = this.#random.next() * 100;
    for (const [kind, share] of reads) {
      rest -= share;
      if (rest < 0) {
        return kind;
      }
    }
    return 'project';
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
