import type { ClientBase } from 'pg';
import type { SqlExecutor } from '../sql-executor.js';

/** Whether a transaction is open on this connection. */
export function hasOpenTransaction(client: ClientBase): boolean {
  return (client.getTransactionStatus() ?? 'I') !== 'I';
}

/** Whether what the executor runs belongs to a transaction that was open before. */
export function isInTransaction(executor: SqlExecutor): Promise<boolean> {
  return executor.withClient((client) => Promise.resolve(hasOpenTransaction(client)));
}

/** Runs a part of a transaction; when it fails, the rest of the transaction stays usable. */
export async function inSavepoint<T>(executor: SqlExecutor, run: () => Promise<T>): Promise<T> {
  await executor.execute('SAVEPOINT holdfast_part');
  let result: T;
  try {
    result = await run();
  } catch (error) {
    await executor.execute('ROLLBACK TO SAVEPOINT holdfast_part');
    throw error;
  }
  await executor.execute('RELEASE SAVEPOINT holdfast_part');
  return result;
}
