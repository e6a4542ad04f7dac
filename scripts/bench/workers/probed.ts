const PREFIX = 'probe ';

/** What a probe told in a line of its output; null of any other line, such as one of a log. */
export function probedBy<Result>(line: string): Result | null {
  return line.startsWith(PREFIX) ? (JSON.parse(line.slice(PREFIX.length)) as Result) : null;
}
