import { unexpectedAnswer } from '../redis-answers.js';
import { SLOTS } from './slots.js';

/** Which server of a cluster has which slot, as one of them said it. Servers go by `host:port`. */
export class SlotMap {
  readonly #owners: (string | undefined)[] = new Array(SLOTS);
  readonly #masters = new Set<string>();
  /** A higher one is newer. Slots may change hands without it. */
  readonly epoch: number;

  /**
   * @param answer that of `cluster-map.lua`
   * @param host of who gave it: a server may not know its own
   */
  constructor(answer: unknown, host: string) {
    const [epoch, ranges] = Array.isArray(answer) ? answer : [];
    if (!Array.isArray(ranges)) throw unexpectedAnswer('cluster slots', answer);
    this.epoch = Number(String(epoch));
    for (const [first, last, master] of ranges as [number, number, [unknown, number]][]) {
      const named = master[0] === null ? '' : String(master[0]);
      const address = `${named === '' || named === '?' ? host : named}:${master[1]}`;
      this.#masters.add(address);
      this.#owners.fill(address, first, last + 1);
    }
  }

  /** The servers that have slots. */
  get masters(): ReadonlySet<string> {
    return this.#masters;
  }

  ownerOf(slot: number): string | undefined {
    return this.#owners[slot];
  }

  /** A server has said that it is another's. */
  moved(slot: number, address: string): void {
    this.#owners[slot] = address;
    this.#masters.add(address);
  }

  /** Whether each slot is with the same server in both. */
  equals(other: SlotMap): boolean {
    return this.#owners.every((owner, slot) => owner === other.ownerOf(slot));
  }
}
