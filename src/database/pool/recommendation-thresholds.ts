/** From which figures on something is recommended. */
export interface RecommendationThresholds {
  /**
   * Waiting this long for a connection at the 95th percentile is long. 20 ms is what the default growth rule of the pool
   * sizer takes too: an order of magnitude above what handing over a free connection takes. @default 20
   */
  readonly acquireP95Ms: number;
  /** How many times as long as a statement a connection may be held, at the 95th percentiles. @default 10 */
  readonly holdPerQuery: number;
  /** Held shorter than this is not worth a word. @default 100 */
  readonly holdP95Ms: number;
  /** Statements that must have passed before shares and peaks say anything. @default 1_000 */
  readonly minimumQueries: number;
  /** Share of the statements that may be slow. @default 0.05 */
  readonly slowShare: number;
  /** Share of the pool that is used at the busiest moment, below which it is too large. @default 0.5 */
  readonly usedShare: number;
  /**
   * Share of the server's connections that may be taken. PgBouncer, monitoring and a deployment that runs two versions at
   * once need the rest. PgHero warns by a number, of 500: https://github.com/ankane/pghero. @default 0.8
   */
  readonly serverShare: number;
  /**
   * A session may be idle in a transaction for so long. It keeps its locks and holds back VACUUM:
   * https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-IN-TRANSACTION-SESSION-TIMEOUT.
   * @default 1_000
   */
  readonly idleInTransactionMs: number;
  /**
   * Connections per core that still raise throughput: `cores * 2 + disks`, from
   * https://wiki.postgresql.org/wiki/Number_Of_Database_Connections and
   * https://github.com/brettwooldridge/HikariCP/wiki/About-Pool-Sizing. @default 2
   */
  readonly connectionsPerCore: number;
  /** The effective number of disks in that formula; 1 fits a solid-state disk. @default 1 */
  readonly disks: number;
}

export const DEFAULT_THRESHOLDS: RecommendationThresholds = Object.freeze({
  acquireP95Ms: 20,
  holdPerQuery: 10,
  holdP95Ms: 100,
  minimumQueries: 1_000,
  slowShare: 0.05,
  usedShare: 0.5,
  serverShare: 0.8,
  idleInTransactionMs: 1_000,
  connectionsPerCore: 2,
  disks: 1,
});
