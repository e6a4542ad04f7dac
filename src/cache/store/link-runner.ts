import { unexpectedAnswer } from './redis-answers.js';
import type { EachCall, EachRunner, RedisLink } from './redis-link.js';
import { SCAN } from './scripts.js';
import type { ServerClock } from './server-clock.js';

// A step takes Redis less than half a millisecond.
const SCANNED_AT_ONCE = '500';

/** Work for many keys on one server: one script. */
export class LinkRunner implements EachRunner {
  readonly #link: RedisLink;
  readonly #clock: ServerClock;

  constructor(link: RedisLink, clock: ServerClock) {
    this.#link = link;
    this.#clock = clock;
  }

  async runEach({ script, common, items, inTime = false }: EachCall): Promise<readonly unknown[]> {
    const [first] = items;
    if (first === undefined) return [];
    const shape = [first.keys.length, first.args.length, common.length].map(String);
    try {
      const answers = await this.#link.run(
        script,
        items.flatMap((item) => item.keys),
        [inTime ? this.#clock.deadline() : '0', ...shape, ...common, ...items.flatMap((item) => item.args)],
      );
      if (!Array.isArray(answers) || answers.length !== items.length) throw unexpectedAnswer('each', answers);
      return answers;
    } catch (error) {
      this.#clock.failed(error);
      throw error;
    }
  }

  async *scan(beginning: string): AsyncIterable<readonly string[]> {
    let cursor = '0';
    do {
      const answer = await this.#link.run(
        SCAN,
        [],
        [cursor, `${escapePattern(beginning)}*`, SCANNED_AT_ONCE],
      );
      if (!Array.isArray(answer) || !Array.isArray(answer[1])) throw unexpectedAnswer('scan', answer);
      cursor = String(answer[0]);
      yield (answer[1] as unknown[]).map(String);
    } while (cursor !== '0');
  }
}

/** Text as a pattern of Redis that matches it alone. */
export function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, '\\$&');
}
