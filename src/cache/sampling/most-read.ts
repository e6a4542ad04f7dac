import type { Clock } from '../clock.js';
import { HeavyHitters, mostOf } from './heavy-hitters.js';

const HOUR_MS = 3_600_000;
// What is older than an hour goes a sixth at a time, so an answer is of the last 50 to 60 minutes.
const WINDOWS = 6;
const WINDOW_MS = HOUR_MS / WINDOWS;
// With fewer, what is read often is crowded out by what is read once; with more, a sample costs more.
const COUNTERS = 256;
// In front of the name of a value, where that of a row has its model. No model has an empty name.
const OF_NO_MODEL = '';

/** Something that was read, by a name under which it can be read again. */
export interface ReadName {
  /** The model of a row; null for a value that the application computes. */
  readonly model: string | null;
  /** The canonical id of the row, or the name of the value. */
  readonly name: string;
}

/** Something that was read often. */
export interface MostReadEntry extends ReadName {
  /** How often, as far as the sample tells: at most so often, but for the luck of the draw. */
  readonly reads: number;
  /** By how much that may be too high, because the sketch mixed it up with others. */
  readonly error: number;
}

/** What this process read most often from the cache in the last hour: a sketch of fixed size, fed by a sample of the reads. */
export class MostRead {
  readonly #clock: Clock;
  readonly #windows: { readonly index: number; readonly hitters: HeavyHitters }[] = [];
  #readsPerSample = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many reads one sample stands for. */
  set readsPerSample(reads: number) {
    this.#readsPerSample = reads;
  }

  /** One read was drawn. */
  note({ model, name }: ReadName): void {
    this.#current().add(`${model ?? OF_NO_MODEL}\0${name}`);
  }

  /** Those read most often, most often first. */
  most(limit: number): readonly MostReadEntry[] {
    this.#forget();
    const hitters = this.#windows.map((window) => window.hitters);
    return mostOf(hitters, limit).map(({ name, count, error }) => {
      const [model = '', ...rest] = name.split('\0');
      return Object.freeze({
        model: model === OF_NO_MODEL ? null : model,
        name: rest.join('\0'),
        reads: Math.round(count * this.#readsPerSample),
        error: Math.round(error * this.#readsPerSample),
      });
    });
  }

  #current(): HeavyHitters {
    const index = Math.floor(this.#clock.now() / WINDOW_MS);
    const last = this.#windows.at(-1);
    if (last?.index === index) return last.hitters;
    this.#forget();
    const hitters = new HeavyHitters(COUNTERS);
    this.#windows.push({ index, hitters });
    return hitters;
  }

  #forget(): void {
    const oldest = Math.floor(this.#clock.now() / WINDOW_MS) - WINDOWS + 1;
    while ((this.#windows[0]?.index ?? oldest) < oldest) this.#windows.shift();
  }
}
