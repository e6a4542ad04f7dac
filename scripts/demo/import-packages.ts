import { errorCode } from '../support/error-code.js';
import { type AnalysisOutcome, decideAnalyses } from './analysis-outcome.js';
import { forEachConcurrently } from './concurrently.js';
import { estimatedCostUsd } from './estimated-cost.js';
import { nameBasedId } from './name-based-id.js';
import { assignOwners, type OwnerDraft } from './owners.js';
import type { InstalledPackage } from './package-tree.js';
import type { Repositories } from './repositories.js';

/** A project as it was imported. */
export interface ImportedProject {
  readonly id: string;
  readonly owner: OwnerDraft;
  readonly jobId: string;
  readonly fileCount: number;
  readonly sizeBytes: bigint;
}

/** What an import stored, and how the analyses ended. */
export interface ImportResult {
  readonly users: readonly OwnerDraft[];
  readonly projects: readonly ImportedProject[];
  readonly jobs: { readonly completed: number; readonly failed: number; readonly cancelled: number };
}

/** How an import runs. */
export interface ImportOptions {
  readonly signal: AbortSignal;
  /** Told how many rows of how many have been stored. */
  readonly onProgress: (done: number, total: number) => void;
}

/** Enough to keep the ten connections of a pool busy; more would only wait in line. */
const writesAtOnce = 16;

/**
 * Stores every package as a project with its owner and one ANALYSIS job that runs through its life. A row that an
 * earlier import has left is brought up to date; rows of anybody else stay as they are.
 */
export async function importPackages(
  packages: readonly InstalledPackage[],
  repositories: Repositories,
  { signal, onProgress }: ImportOptions,
): Promise<ImportResult> {
  const { users, byPackage } = assignOwners(packages.map((found) => found.manifest));
  const outcomes = decideAnalyses(packages);
  const total = users.length + 2 * packages.length;
  let done = 0;
  const stored = (rows: number) => {
    done += rows;
    onProgress(done, total);
  };

  await forEachConcurrently(
    users,
    writesAtOnce,
    async (user) => {
      await storeUser(repositories, user);
      stored(1);
    },
    signal,
  );
  const projects = packages.map((found, index) => toProject(found, byPackage[index] as OwnerDraft));
  await forEachConcurrently(
    projects,
    writesAtOnce,
    async (project, index) => {
      await storeProject(repositories, project, packages[index] as InstalledPackage);
      stored(1);
      await runAnalysis(repositories, project, outcomes[index] as AnalysisOutcome);
      stored(1);
    },
    signal,
  );

  const count = (status: AnalysisOutcome['status']) =>
    outcomes.filter((outcome) => outcome.status === status).length;
  const jobs = { completed: count('completed'), failed: count('failed'), cancelled: count('cancelled') };
  return { users, projects, jobs };
}

function toProject({ location, fileCount, sizeBytes }: InstalledPackage, owner: OwnerDraft): ImportedProject {
  const id = nameBasedId(`project:${location}`);
  return { id, owner, jobId: nameBasedId(`analysis:${location}`), fileCount, sizeBytes };
}

async function storeUser({ users }: Repositories, draft: OwnerDraft): Promise<void> {
  const { id, username, name, avatarUrl } = draft;
  if ((await users.findById(id)) !== null) {
    await users.update(id, { username, name, avatarUrl });
    return;
  }
  try {
    await users.create({ ...draft });
  } catch (error) {
    if (errorCode(error) !== uniqueViolation) {
      throw error;
    }
    // Somebody else's row has this email or account, and keeps it: the demo's user gets made ones.
    await users.create({ ...draft, githubId: `demo-${id}`, email: `${id}@demo.invalid` });
  }
}

/** Prisma's code for it: https://www.prisma.io/docs/orm/reference/error-reference#p2002 */
const uniqueViolation = 'P2002';

async function storeProject(
  { projects }: Repositories,
  { id, owner, fileCount, sizeBytes }: ImportedProject,
  { manifest }: InstalledPackage,
): Promise<void> {
  const data = {
    ownerId: owner.id,
    name: manifest.name,
    description: manifest.description,
    version: manifest.version,
    sourceStack: { ...manifest.dependencies },
    status: 'ANALYZING' as const,
    tags: [...manifest.keywords],
    fileCount,
    sizeBytes,
    estimatedCost: estimatedCostUsd(sizeBytes),
  };
  if ((await projects.findById(id)) === null) {
    await projects.create({ id, ...data });
  } else {
    await projects.update(id, data);
  }
}

/** Runs the project's analysis from its creation to its end; does nothing when an earlier import has run it. */
async function runAnalysis(
  { jobs, projects }: Repositories,
  { id: projectId, owner, jobId: id }: ImportedProject,
  outcome: AnalysisOutcome,
): Promise<void> {
  if ((await jobs.findById(id)) === null) {
    await jobs.create({ id, projectId, userId: owner.id, type: 'ANALYSIS' });
    await jobs.start(id);
    await jobs.updateProgress(id, 50);
    if (outcome.status === 'completed') {
      await jobs.markCompleted(id, { ...outcome.result });
    } else if (outcome.status === 'failed') {
      await jobs.markFailed(id, outcome.error);
    } else {
      await jobs.cancel(id);
    }
  }
  if (outcome.status === 'completed') {
    await projects.update(projectId, { status: 'READY', analysis: { ...outcome.result } });
  } else {
    await projects.update(projectId, { status: outcome.status === 'failed' ? 'FAILED' : 'DRAFT' });
  }
}
