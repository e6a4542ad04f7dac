/** How the memory of this process is used by the near cache. */
export interface NearUse {
  /** What it holds now. */
  readonly entries: number;
  /** Approximate. */
  readonly bytes: number;
  /** Entries that had to go because there was no room for them. */
  readonly evictions: number;
  /** Entries whose time was over when they were asked for. */
  readonly expired: number;
}
