/** A row that arguments name by its primary key. */
export interface NamedRow {
  readonly model: string;
  /**
   * The value of the key, of several fields an object of them; null where it cannot be told which row it is, so that it may
   * be any of the model.
   */
  readonly id: unknown;
}
