/** What the annotations of one model say: options of its repository, and the look-ups to write for it. */
export interface ModelSettings {
  readonly ttlSeconds?: number;
  readonly uncached?: true | 'entities' | 'queries';
  readonly tags?: readonly string[];
  readonly maxPageSize?: number;
  readonly defaultOrder?: readonly Readonly<Record<string, 'asc' | 'desc'>>[];
  readonly scope?: string;
  readonly softDelete?: string;
  readonly version?: string;
  /** The fields of each unique key that gets a method. */
  readonly lookups?: readonly (readonly string[])[];
}
