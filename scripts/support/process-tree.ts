import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The pids of the direct children of a process, at this moment. */
export function childrenOf(parentPid: number): number[] {
  return existsSync('/proc/self/stat') ? childrenFromProc(parentPid) : childrenFromPs(parentPid);
}

/** Linux: /proc is read, since slim images have no `ps`. */
function childrenFromProc(parentPid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentFromProc(pid) === parentPid);
}

function parentFromProc(pid: number): number | null {
  try {
    // "pid (command) state ppid ...", and the command may itself hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function childrenFromPs(parentPid: number): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parentPid)
    .flatMap(([pid]) => (pid === undefined ? [] : [pid]));
}

/** Sends a signal to a process; false when it is already gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ESRCH' || code === 'ENOENT';
}
