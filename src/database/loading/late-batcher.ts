/** What is asked for together. */
interface Batch<Request, Answer> {
  readonly requests: Request[];
  readonly answer: Promise<Answer>;
}

/**
 * Collects requests for as long as the question that they go with waits to be sent, for its connection above all. So those who
 * could share a connection do not wait in line for one each, and a busy pool is asked for less. Nobody joins what is
 * sent, so no answer is older than its question.
 */
export class LateBatcher<Request, Answer> {
  readonly #send: (requests: () => readonly Request[]) => Promise<Answer>;
  readonly #maxJoined: number;
  /** Not sent yet. */
  #open: Batch<Request, Answer> | null = null;

  /**
   * @param send answers a batch. Asks for the requests when it sends them: from then on nobody joins; perhaps again, and gets the
   * same
   * @param maxJoined how many requests a batch has at most, unless one caller has more
   */
  constructor(send: (requests: () => readonly Request[]) => Promise<Answer>, maxJoined: number) {
    this.#send = send;
    this.#maxJoined = maxJoined;
  }

  /** The answer to the batch that these requests go with. */
  add(requests: readonly Request[]): Promise<Answer> {
    const open = this.#open;
    if (open === null || open.requests.length + requests.length > this.#maxJoined)
      return this.#begin(requests);
    for (const request of requests) open.requests.push(request);
    return open.answer;
  }

  #begin(first: readonly Request[]): Promise<Answer> {
    const requests = [...first];
    let isSent = false;
    const close = (): void => {
      isSent = true;
      if (this.#open?.requests === requests) this.#open = null;
    };
    const answer = this.#send(() => {
      close();
      return requests;
    });
    // One that fails without having asked for its requests takes no more either.
    answer.then(close, close);
    if (!isSent) this.#open = { requests, answer };
    return answer;
  }
}
