import type { Guard, Targets } from './store/shared-store.js';

/** An end of a write that could not be delivered. */
export interface Debt {
  readonly targets: Targets;
  /** That of the write: a fence that was sent to a store that hung may be set when it goes on, and must be lifted then. */
  readonly token: string;
}

// Beyond that many, invalidating everything is the cheaper way to pay. Fences that were set late then expire by themselves.
const MAX_DEBTS = 1_000;

/** Ends of writes that could not be delivered, kept until the store answers again. */
export class Debts {
  readonly #namespace: Guard;
  #debts: Debt[] = [];
  #paying: Promise<boolean> | null = null;

  constructor(namespace: Guard) {
    this.#namespace = namespace;
  }

  add(debt: Debt): void {
    this.#debts.push(debt);
    if (this.#debts.length > MAX_DEBTS) {
      this.#debts = [{ targets: { keys: [], guards: [this.#namespace] }, token: debt.token }];
    }
  }

  /** Hands over what is owed; what cannot be paid must be added again. */
  take(): readonly Debt[] {
    const debts = this.#debts;
    this.#debts = [];
    return debts;
  }

  /**
   * Pays with this, and keeps what could not be paid; where somebody is paying, waits for that. Resolves to whether nothing
   * is owed any more.
   *
   * @param lift resolves to whether the store has confirmed it
   */
  pay(lift: (debt: Debt) => Promise<boolean>): Promise<boolean> {
    this.#paying ??= this.#payAll(lift).finally(() => {
      this.#paying = null;
    });
    return this.#paying;
  }

  async #payAll(lift: (debt: Debt) => Promise<boolean>): Promise<boolean> {
    const debts = this.take();
    const paid = await Promise.all(debts.map(lift));
    debts.forEach((debt, index) => {
      if (paid[index] !== true) this.add(debt);
    });
    return this.#debts.length === 0;
  }
}
