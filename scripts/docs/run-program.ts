import { spawn } from 'node:child_process';

/** How a program ended. */
export interface Ended {
  /** Null where it was killed. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
  /** Whether it was killed because it took longer than it may. */
  readonly timedOut: boolean;
}

/** Where and how a program runs. */
export interface ProgramOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
}

/** Runs Node with these arguments, and resolves when it has ended, however it did. */
export function runNode(args: readonly string[], options: ProgramOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: options.cwd,
      env: options.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    let timedOut = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, options.timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, output, errors, timedOut });
    });
  });
}
