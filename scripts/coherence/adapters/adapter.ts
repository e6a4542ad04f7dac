import type { Coherence } from '../history.js';
import type { ProjectRow, UserRow } from '../states.js';

/** Who answers the reads: holdfast, plain cache-aside as it is usually written, or PostgreSQL alone. */
export const ADAPTERS = ['holdfast', 'naive', 'none'] as const;
export type AdapterName = (typeof ADAPTERS)[number];

export interface AdapterServers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Servers of the Redis Cluster that takes the place of that Redis; null for none. */
  readonly clusterUrls: readonly string[] | null;
  readonly prefix: string;
}

export interface AdapterOptions {
  readonly name: AdapterName;
  readonly servers: AdapterServers;
  /** Null leaves holdfast's default. */
  readonly coherence: Coherence | null;
}

/** Projects of an owner, with the owner. */
export type ProjectWithOwner = ProjectRow & { readonly owner: UserRow };

/** What reads go through. */
export interface Reads {
  projectById(id: string): Promise<ProjectRow | null>;
  userById(id: string): Promise<UserRow | null>;
  userByGithubId(githubId: string): Promise<UserRow | null>;
  userByEmail(email: string): Promise<UserRow | null>;
  projectsOfUser(ownerId: string): Promise<readonly ProjectRow[]>;
  projectsWithOwner(ownerId: string): Promise<readonly ProjectWithOwner[]>;
  projectCount(ownerId: string): Promise<number>;
}

/** A project as it is created. */
export interface NewProject {
  readonly id: string;
  readonly name: string;
  readonly sourceStack: Readonly<Record<string, string>>;
}

export interface UserChanges {
  readonly username: string;
  readonly githubId?: string;
  readonly email?: string;
  readonly projects?: {
    readonly update?: { readonly where: { readonly id: string }; readonly data: { readonly name: string } };
    readonly create?: NewProject;
  };
}

export interface NewUser extends UserChanges {
  readonly id: string;
  readonly githubId: string;
  readonly email: string;
}

/** What writes go through. All but `query` join the transaction that they are called in; `query` does so too. */
export interface Writes {
  updateProject(id: string, data: { readonly name: string }): Promise<ProjectRow>;
  createProject(data: NewProject & { readonly ownerId: string }): Promise<ProjectRow>;
  deleteProject(id: string): Promise<ProjectRow>;
  /** Changes all that fit; resolves to how many. */
  updateProjects(where: ProjectFilter, data: { readonly name: string }): Promise<number>;
  deleteProjects(where: ProjectFilter): Promise<number>;
  updateUser(id: string, data: UserChanges): Promise<UserRow>;
  createUser(data: NewUser): Promise<UserRow>;
  deleteUser(id: string): Promise<UserRow>;
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Raw SQL on the managed pool. */
  query<Row extends object>(text: string, parameters: readonly unknown[]): Promise<readonly Row[]>;
}

export type ProjectFilter = { readonly ownerId: string } | { readonly id: string };

/** Rows and values that a write may have touched: what plain cache-aside deletes after it. */
export interface Touched {
  readonly projects: readonly string[];
  readonly users: readonly string[];
  readonly githubIds: readonly string[];
  readonly emails: readonly string[];
}

/** What answered the reads so far. */
export interface Answers {
  /** Null where the adapter has no near cache, or does not count its answers. */
  readonly near: number | null;
  readonly shared: number;
  readonly loads: number;
}

/** What all of these answered together. */
export function sumOfAnswers(all: readonly Answers[]): Answers {
  const sum = (figure: (answers: Answers) => number): number =>
    all.reduce((total, answers) => total + figure(answers), 0);
  return {
    near: all.some(({ near }) => near === null) ? null : sum(({ near }) => near ?? 0),
    shared: sum(({ shared }) => shared),
    loads: sum(({ loads }) => loads),
  };
}

/** What a process of the check reads and writes through. */
export interface Adapter {
  readonly reads: Reads;
  readonly writes: Writes;
  /** Called after each write that goes through the application, before it is acknowledged. */
  forget(touched: Touched): Promise<void>;
  answers(): Answers;
  close(): Promise<void>;
}
