import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessIdentity } from './process-identity.js';
import { childrenOf, signalProcess } from './process-tree.js';
import { Reaper } from './reaper.js';

/** How a server is started, and where it lives. */
export interface ServerCommand {
  /** As people call it, for messages. */
  readonly name: string;
  readonly executable: string;
  readonly arguments: readonly string[];
  /** The server's own directory: its log goes there, and it is deleted when the server is disposed of. */
  readonly directory: string;
  readonly identity: ProcessIdentity | null;
  /** The signal on which the server stops in good order. */
  readonly stopSignal: NodeJS.Signals;
  /** @default 15_000 */
  readonly startTimeoutMs?: number;
}

const POLL_INTERVAL_MS = 10;
const STOP_TIMEOUT_MS = 15_000;

/**
 * One server process that this process owns: started, paused, killed and started again at will. It never outlives its
 * owner, and does not keep the owner's event loop alive.
 */
export class ServerProcess {
  readonly #command: ServerCommand;
  readonly #reaper: Reaper;
  #child: ChildProcess | null = null;

  constructor(command: ServerCommand) {
    this.#command = command;
    this.#reaper = new Reaper(command.directory);
  }

  /** The pid of the running server, or null. */
  get pid(): number | null {
    return this.#isRunning() ? (this.#child?.pid ?? null) : null;
  }

  /** Starts the server and resolves when `isReady` says so; rejects with the end of its log if that never happens. */
  async start(isReady: (pid: number) => Promise<boolean>): Promise<void> {
    if (this.#isRunning()) throw new Error(`${this.#command.name} is already running.`);
    const pid = await this.#spawn();
    const timeoutMs = this.#command.startTimeoutMs ?? 15_000;
    const deadline = performance.now() + timeoutMs;
    while (!(await isReady(pid))) {
      if (!this.#isRunning()) throw this.#failure('ended while it was starting');
      if (performance.now() > deadline) {
        const failure = this.#failure(`did not answer within ${timeoutMs} ms`);
        await this.kill('SIGKILL');
        throw failure;
      }
      await delay(POLL_INTERVAL_MS);
    }
  }

  /** Stops the server in good order, and by SIGKILL if it does not end within 15 s. Does nothing when it is not running. */
  async stop(): Promise<void> {
    await this.#end(this.#command.stopSignal);
  }

  /** Sends a signal that ends the server, to its children too when it is SIGKILL, and resolves when it has ended. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.#end(signal);
  }

  /** Stops the clock of the server and its children: connections stay open and nobody answers. */
  pause(): void {
    const pid = this.#runningPid('pause');
    // The parent first, so that it starts no child that would be missed.
    signalProcess(pid, 'SIGSTOP');
    for (const child of childrenOf(pid)) signalProcess(child, 'SIGSTOP');
  }

  /** Lets a paused server go on. */
  resume(): void {
    const pid = this.#runningPid('resume');
    for (const child of childrenOf(pid)) signalProcess(child, 'SIGCONT');
    signalProcess(pid, 'SIGCONT');
  }

  /** Ends the server if it runs, and deletes its directory. */
  async dispose(): Promise<void> {
    await this.stop();
    await this.#reaper.finish();
  }

  /** The last lines that the server logged. */
  logTail(lines = 30): string {
    return readFileSync(this.#logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  get #logFile(): string {
    return path.join(this.#command.directory, 'server.log');
  }

  async #spawn(): Promise<number> {
    const log = openSync(this.#logFile, 'a');
    try {
      const child = spawn(this.#command.executable, this.#command.arguments, {
        stdio: ['ignore', log, log],
        cwd: this.#command.directory,
        env: serverEnvironment(),
        // A group of its own: Ctrl-C in a terminal is for the owner, who then ends the server in its own way.
        detached: true,
        ...this.#command.identity,
      });
      await once(child, 'spawn');
      child.unref();
      this.#child = child;
      if (child.pid === undefined) throw this.#failure('got no pid');
      this.#reaper.watch(child.pid);
      // At once, whatever ended it: the system may give the pid to somebody else.
      child.once('exit', () => this.#reaper.watch(null));
      return child.pid;
    } finally {
      closeSync(log);
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    const pid = this.pid;
    if (child === null || pid === null) return;
    child.ref();
    const exited = once(child, 'exit');
    const descendants = childrenOf(pid);
    signalProcess(pid, signal);
    // A paused process takes any signal but SIGKILL only after it goes on.
    for (const descendant of descendants)
      signalProcess(descendant, signal === 'SIGKILL' ? signal : 'SIGCONT');
    signalProcess(pid, 'SIGCONT');
    const last = setTimeout(() => signalProcess(pid, 'SIGKILL'), STOP_TIMEOUT_MS);
    try {
      await exited;
    } finally {
      clearTimeout(last);
      this.#child = null;
    }
  }

  #isRunning(): boolean {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  #runningPid(verb: string): number {
    const pid = this.pid;
    if (pid === null) throw new Error(`Cannot ${verb} ${this.#command.name}: it is not running.`);
    return pid;
  }

  #failure(what: string): Error {
    return new Error(
      `${this.#command.name} (${this.#command.executable}) ${what}. Its log ends with:\n${this.logTail()}`,
    );
  }
}

/**
 * The environment of a server: this process's own, without what would point PostgreSQL elsewhere (PGDATA, PGPORT and
 * the like), and with the C locale, so that messages and sort order are the same on every machine.
 */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PG') && !name.startsWith('LC_'),
  );
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}
