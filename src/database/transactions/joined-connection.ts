import type { PoolClient, QueryResult } from 'pg';
import type { TransactionScope } from './transaction-scope.js';

/** What `BEGIN`, `COMMIT` and `ROLLBACK` mean on a connection that already is in a transaction. */
type Translation = Readonly<Record<string, readonly string[]>>;

const NOTHING: Translation = { BEGIN: [], COMMIT: [], ROLLBACK: [] };

function savepoint(name: string): Translation {
  return {
    BEGIN: [`SAVEPOINT ${name}`],
    COMMIT: [`RELEASE SAVEPOINT ${name}`],
    ROLLBACK: [`ROLLBACK TO SAVEPOINT ${name}`, `RELEASE SAVEPOINT ${name}`],
  };
}

const EMPTY: QueryResult = { command: '', rowCount: 0, oid: 0, fields: [], rows: [] };

/**
 * The connection of a transaction, as Prisma's adapter takes it from the pool to start a transaction of its own. What
 * the adapter then sends as `BEGIN`, `COMMIT` and `ROLLBACK` becomes a savepoint, or nothing where the adapter's
 * transaction is to be just the one that is under way; its release keeps the connection where it is.
 */
export function joinedConnection(scope: TransactionScope, as: 'savepoint' | 'same'): PoolClient {
  const translation = as === 'same' ? NOTHING : savepoint(scope.nextSavepoint());

  const query = async (config: unknown, values?: unknown): Promise<unknown> => {
    const translated = translation[textOf(config)];
    if (translated === undefined) return passedOn(scope, config, values);
    for (const statement of translated) await scope.client.query(statement);
    return EMPTY;
  };

  return new Proxy(scope.client, {
    get(client, property) {
      if (property === 'query') return query;
      if (property === 'release') return () => undefined;
      const value: unknown = Reflect.get(client, property, client);
      return typeof value === 'function' ? value.bind(client) : value;
    },
  });
}

async function passedOn(scope: TransactionScope, config: unknown, values: unknown): Promise<unknown> {
  try {
    return await Reflect.apply(scope.client.query, scope.client, [config, values]);
  } catch (error) {
    scope.noteFailure(error);
    throw error;
  }
}

function textOf(config: unknown): string {
  if (typeof config === 'string') return config;
  return typeof config === 'object' && config !== null && 'text' in config ? String(config.text) : '';
}
