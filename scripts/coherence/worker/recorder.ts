import { type ReadColumns, TOOK_UNIT_NS } from '../history.js';

const CAPACITY = 8_192;
const LONGEST = 0xffff_ffff;

/** Takes down reads as they end, and hands them on by the thousand. */
export class ReadRecorder {
  readonly #handOn: (reads: ReadColumns) => void;
  readonly #register = new Uint32Array(CAPACITY);
  readonly #state = new Uint32Array(CAPACITY);
  readonly #endedAt = new Float64Array(CAPACITY);
  readonly #took = new Uint32Array(CAPACITY);
  #length = 0;

  constructor(handOn: (reads: ReadColumns) => void) {
    this.#handOn = handOn;
  }

  /** Calls are in the order of `endedAt`: each is made as soon as the read has ended. */
  add(register: number, state: number, begunAt: number, endedAt: number): void {
    const at = this.#length;
    this.#register[at] = register;
    this.#state[at] = state;
    this.#endedAt[at] = endedAt;
    this.#took[at] = Math.min(LONGEST, Math.ceil((endedAt - begunAt) / TOOK_UNIT_NS));
    this.#length += 1;
    if (this.#length === CAPACITY) this.flush();
  }

  flush(): void {
    const length = this.#length;
    this.#length = 0;
    // Copies, since a view would be sent with the whole of its buffer.
    this.#handOn({
      register: this.#register.slice(0, length),
      state: this.#state.slice(0, length),
      endedAt: this.#endedAt.slice(0, length),
      took: this.#took.slice(0, length),
    });
  }
}
