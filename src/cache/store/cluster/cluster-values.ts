import type { EntryKey, Guard } from '../shared-store.js';
import type { GuardState, LeaseRequest, Place } from '../value-store.js';
import { RedisValues, type ValuePublisher } from '../values/redis-values.js';
import type { Router } from './router.js';
import type { Survey } from './survey.js';

const BUSY: Place = Object.freeze({ kind: 'busy' });

/** Values, counters and sets in a cluster. */
export class ClusterValues extends RedisValues {
  readonly #survey: Pick<Survey, 'admissions'>;

  constructor(router: Router, publisher: ValuePublisher, survey: Pick<Survey, 'admissions'>) {
    super(router, publisher);
    this.#survey = survey;
  }

  /** Of what a server says that was admitted meanwhile, nothing is believed: it is to be asked again. */
  override async look(
    keys: readonly EntryKey[],
    guards: readonly Guard[],
    lease: LeaseRequest | null,
  ): Promise<{ readonly places: readonly Place[]; readonly guards: readonly GuardState[] }> {
    const { admissions } = this.#survey;
    const seen = await super.look(keys, guards, lease);
    if (admissions === this.#survey.admissions) return seen;
    return { ...seen, places: seen.places.map((place) => (place.kind === 'value' ? BUSY : place)) };
  }
}
