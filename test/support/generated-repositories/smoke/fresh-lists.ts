import { expect } from '@jest/globals';
import type { Row } from '../row-maker.js';
import { byKey, expectSame, type Subject } from './subject.js';

/** Lists and counts that the other service has cached; each look must see what Prisma sees. */
export class FreshLists {
  readonly #subject: Subject;

  private constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** The lists of a subject, cached by then. */
  static async cachedElsewhere(subject: Subject): Promise<FreshLists> {
    const lists = new FreshLists(subject);
    for (let time = 1; time <= 2; time += 1) await lists.check();
    return lists;
  }

  /** Fails when the other service does not see what was written; what it read is cached for the next look. */
  async check(): Promise<void> {
    const { elsewhere, prisma, visible, declared, thorough } = this.#subject;
    const orderBy = byKey(this.#subject);
    const all = (await prisma['findMany']?.({ where: visible, orderBy })) as readonly Row[];
    expectSame(await elsewhere.findMany({ orderBy }), all);
    if (thorough) expect(await elsewhere.count()).toBe(all.length);
    // Each of these lies within a tag.
    for (const field of declared.tagFields) {
      for (const value of new Set(all.map((row) => row[field]))) {
        const found = all.filter((row) => row[field] === value);
        expectSame(await elsewhere.findMany({ where: { [field]: value }, orderBy }), found);
      }
    }
  }
}
