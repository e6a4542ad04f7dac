import { afterThisTurn } from './next-turn.js';

interface Waiter<Result> {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Collects what is asked for in one turn of the event loop and has it answered together. Requests join only before the
 * batch is sent, so no answer is older than its question.
 */
export class TickBatcher<Request, Result> {
  readonly #send: (requests: readonly Request[]) => Promise<readonly Result[]>;
  #requests: Request[] = [];
  #waiters: Waiter<Result>[] = [];

  /** @param send answers a batch, in the order of the requests */
  constructor(send: (requests: readonly Request[]) => Promise<readonly Result[]>) {
    this.#send = send;
  }

  add(request: Request): Promise<Result> {
    if (this.#requests.length === 0) {
      afterThisTurn(() => this.#flush());
    }
    this.#requests.push(request);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  #flush(): void {
    const requests = this.#requests;
    const waiters = this.#waiters;
    this.#requests = [];
    this.#waiters = [];
    this.#send(requests).then(
      (results) => {
        waiters.forEach((waiter, index) => {
          waiter.resolve(results[index] as Result);
        });
      },
      (error: unknown) => {
        for (const waiter of waiters) waiter.reject(error);
      },
    );
  }
}
