import { InvalidArgumentError } from '../../errors.js';

/** A moment in the life of an outbox, on no clock: what had been recorded, and who might have been recording. */
export interface OutboxMoment {
  /** The id that was given out last; '0' when none was. */
  readonly lastId: string;
  /** Virtual transactions that may have recorded something and had not ended. */
  readonly writers: readonly string[];
}

// The last id, then each virtual transaction as pg_locks shows it: "3/17", of a prepared transaction "-1/740".
const FORM = /^\d{1,19}(?: -?\d{1,10}\/\d{1,10})*$/;

/** As text, for who only keeps it. */
export function formatMoment({ lastId, writers }: OutboxMoment): string {
  return [lastId, ...writers].join(' ');
}

/** @throws InvalidArgumentError when the text is none that `formatMoment` made */
export function parseMoment(text: string): OutboxMoment {
  if (!FORM.test(text)) {
    throw new InvalidArgumentError('This is no moment of an outbox: take one from its now().', {
      context: { moment: text },
    });
  }
  const [lastId = '', ...writers] = text.split(' ');
  return { lastId, writers };
}
