import { type Answer, CLOSE, type Commands, OPEN, type Question } from './messages.js';

/** What a process is once it is ready: what it can be asked, and how it lets go of its connections. */
export interface OpenWorker<All extends Commands> {
  readonly commands: All;
  close(): Promise<void>;
}

/**
 * Answers the parent's questions in a forked process, until it asks for the end or is gone.
 *
 * @param open makes it ready, from the task; a failure ends the process with the error on standard error
 */
export function serveWorker<Task, All extends Commands>(
  open: (task: Task) => Promise<OpenWorker<All>>,
): void {
  let worker: OpenWorker<All> | null = null;
  const answer = async ({ name, argument }: Question): Promise<unknown> => {
    if (name === OPEN) {
      worker = await open(argument as Task);
      return null;
    }
    if (worker === null) throw new Error(`"${name}" was asked of a process that is not open.`);
    if (name === CLOSE) return worker.close();
    const command = worker.commands[name] as ((argument: unknown) => Promise<unknown>) | undefined;
    if (command === undefined) throw new Error(`There is nothing called "${name}" here.`);
    return command(argument);
  };
  process.on('message', (question: Question) => {
    answer(question).then(
      (value) => {
        send({ id: question.id, value });
        if (question.name === CLOSE) process.disconnect();
      },
      (error: unknown) => {
        if (question.name === OPEN) fail(error);
        else send({ id: question.id, failure: describe(error) });
      },
    );
  });
  // Whoever started it is gone, or has said goodbye.
  process.once('disconnect', () => process.exit());
}

function send(answer: Answer): void {
  process.send?.(answer);
}

function fail(error: unknown): void {
  process.stderr.write(`${describe(error)}\n`, () => process.exit(1));
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
