import { Client } from 'pg';
import type { LedgerEntry } from './history.js';
import { LEDGER_SQL } from './ledger-sql.js';
import type { World } from './world.js';

interface LedgerRow {
  readonly transaction: string;
  readonly id: string;
  readonly gone: boolean;
  readonly stamp: string;
  readonly mark: string;
  readonly owner_id: string | null;
  readonly github_id: string | null;
  readonly email: string | null;
}

/** The database's own account of a check: what the rows were, and what was committed, in its order. */
export class Ledger {
  readonly #url: string;
  readonly #world: World;
  readonly #projects: ReadonlyMap<string, number>;
  readonly #users: ReadonlyMap<string, number>;
  #plantedUpTo = 0;

  constructor(url: string, world: World) {
    this.#url = url;
    this.#world = world;
    this.#projects = new Map(world.projects.map(({ id }, place) => [id, place]));
    this.#users = new Map(world.users.map(({ id }, place) => [id, place]));
  }

  /**
   * Makes the ledger and the rows that are there from the beginning. Resolves to whether the tables tell of writes that
   * go around the repositories: whether they have triggers that are not the check's own.
   */
  async plant(): Promise<{ readonly tellsOfOthers: boolean }> {
    const { users, projects } = this.#world;
    return this.#connected(async (client) => {
      const { rows: triggers } = await client.query(
        "SELECT DISTINCT tgrelid FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN ('projects'::regclass, 'users'::regclass)",
      );
      await client.query(LEDGER_SQL);
      for (const { id, githubId, email, permanence } of users) {
        if (permanence !== 'permanent') continue;
        await client.query(
          "INSERT INTO users (id, github_id, email, username, updated_at) VALUES ($1, $2, $3, '0', now())",
          [id, githubId, email],
        );
      }
      for (const { id, owner, permanence } of projects) {
        if (permanence !== 'permanent') continue;
        await client.query(
          "INSERT INTO projects (id, owner_id, name, source_stack, updated_at) VALUES ($1, $2, '0', '{}', now())",
          [id, users[owner]?.id],
        );
      }
      const { rows } = await client.query<{ max: string }>(
        'SELECT max(position) FROM coherence_check.ledger',
      );
      this.#plantedUpTo = Number(rows[0]?.max ?? 0);
      return { tellsOfOthers: triggers.length === 2 };
    });
  }

  /** What the rows were when they had been planted, and what was committed since. */
  async read(): Promise<{ readonly before: readonly LedgerEntry[]; readonly since: readonly LedgerEntry[] }> {
    return this.#connected(async (client) => {
      const entries = async (condition: string): Promise<readonly LedgerEntry[]> => {
        const { rows } = await client.query<LedgerRow>(
          `SELECT transaction::text, id, gone, stamp, mark, owner_id, github_id, email
             FROM coherence_check.ledger WHERE position ${condition} $1 ORDER BY position`,
          [this.#plantedUpTo],
        );
        return rows.map((row) => this.#entry(row));
      };
      return { before: await entries('<='), since: await entries('>') };
    });
  }

  /** The rows as they are now, in the form of entries. */
  async rows(): Promise<readonly LedgerEntry[]> {
    return this.#connected(async (client) => {
      const { rows } = await client.query<LedgerRow>(
        `SELECT '' AS transaction, id, false AS gone, file_count AS stamp, name AS mark, owner_id,
                NULL AS github_id, NULL AS email
           FROM projects
         UNION ALL
         SELECT '', id, false, name::bigint, username, NULL, github_id, email FROM users`,
      );
      return rows.map((row) => this.#entry(row));
    });
  }

  #entry(row: LedgerRow): LedgerEntry {
    const project = this.#projects.get(row.id);
    return {
      transaction: row.transaction,
      table: project === undefined ? 'user' : 'project',
      place: project ?? this.#users.get(row.id) ?? -1,
      gone: row.gone,
      stamp: Number(row.stamp),
      mark: row.mark,
      owner: this.#users.get(row.owner_id ?? '') ?? -1,
      githubId: row.github_id ?? '',
      email: row.email ?? '',
    };
  }

  async #connected<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: this.#url, application_name: 'coherence check' });
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }
}
