import type { MaintenanceSession } from './session.js';

/** Sessions with a lock on a table stronger than a reader's, the longest transaction first. */
const LOCK_HOLDERS_SQL = `
SELECT l.pid                 AS "pid",
       a.application_name    AS "applicationName",
       l.mode                AS "mode",
       a.xact_start          AS "since"
FROM   pg_locks l
JOIN   pg_stat_activity a ON a.pid = l.pid
WHERE  l.locktype = 'relation'
AND    l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND    l.relation = $1::float8::int8::oid
AND    l.granted
AND    l.mode <> 'AccessShareLock'
AND    l.pid <> pg_backend_pid()
ORDER  BY a.xact_start
LIMIT  3`;

interface LockHolder {
  readonly pid: number;
  readonly applicationName: string;
  readonly mode: string;
  readonly since: Date | null;
}

/** Who holds a lock on the table, in words; empty when nobody does any more. */
export async function describeLockHolders(session: MaintenanceSession, oid: number): Promise<string> {
  const holders = await session.query<LockHolder>(LOCK_HOLDERS_SQL, [oid]);
  return holders
    .map(({ pid, applicationName, mode, since }) => {
      const name = applicationName === '' ? '' : ` (${applicationName})`;
      const start = since === null ? '' : `, in a transaction since ${since.toISOString()}`;
      return `pid ${pid}${name} holds ${mode}${start}`;
    })
    .join('; ');
}
