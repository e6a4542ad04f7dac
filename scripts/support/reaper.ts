import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Waits for the end of its input, then ends the server whose pid it was told last and deletes the directory. A paused
 * server is resumed first, since a stopped process does not die of SIGQUIT; what still runs after 8 s is killed
 * (PostgreSQL itself kills children that do not quit after 5 s). A zombie counts as gone: in a container whose first
 * process adopts orphans but never waits for them it would stay one for ever.
 */
const SCRIPT = `
trap '' INT TERM HUP
gone() { ! kill -0 "$pid" 2>/dev/null || grep -q '^State:.*Z' "/proc/$pid/status" 2>/dev/null; }
pid=none
while read -r line; do pid=$line; done
if [ "$pid" != none ]; then
  kill -CONT "$pid" 2>/dev/null
  kill -QUIT "$pid" 2>/dev/null
  tries=0
  while ! gone && [ $tries -lt 80 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -KILL "$pid" 2>/dev/null
fi
rm -rf "$1"
`;

/**
 * A small shell process that cleans up behind one server when the process that started it is gone, however it went:
 * by `process.exit`, by an uncaught error or by SIGKILL. Its standard input is a pipe from this process, and the kernel
 * closes that in every case, which no handler inside this process could promise.
 */
export class Reaper {
  readonly #shell: ChildProcess;

  constructor(directory: string) {
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'reaper', directory], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // A group of its own: Ctrl-C in a terminal goes to the whole group of the command.
      detached: true,
      cwd: '/',
    });
    // Only for an early death of the shell; the directory would then stay until the machine cleans /tmp.
    this.#shell.stdin?.on('error', (error) =>
      process.emitWarning(`A server's reaper is gone: ${error.message}`),
    );
    this.#shell.unref();
    (this.#shell.stdin as unknown as { unref(): void }).unref();
  }

  /** Tells it which process to end, or null that none is running. */
  watch(pid: number | null): void {
    this.#shell.stdin?.write(`${pid ?? 'none'}\n`);
  }

  /** Lets it clean up now, and resolves when the directory is gone. */
  async finish(): Promise<void> {
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return;
    this.#shell.ref();
    const exited = once(this.#shell, 'exit');
    this.#shell.stdin?.end();
    await exited;
  }
}
