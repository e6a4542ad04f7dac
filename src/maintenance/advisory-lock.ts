import { type MaintenanceHolder, MaintenanceRunningError } from './errors.js';
import type { MaintenanceSession } from './session.js';

/**
 * The advisory lock that stands for "maintenance is running in this database", in its two-key form: the letters `hold`
 * as a number, and 1. To see who holds it, ask `pg_locks` for `locktype = 'advisory'` with this `classid` and `objid`.
 */
export const MAINTENANCE_LOCK = Object.freeze({ classId: 0x68_6f_6c_64, objectId: 1 });

const TAKE_SQL = 'SELECT pg_try_advisory_lock($1, $2) AS "taken"';

const RELEASE_SQL = 'SELECT pg_advisory_unlock($1, $2)';

const HOLDER_SQL = `
SELECT l.pid                 AS "pid",
       a.application_name    AS "applicationName",
       a.usename             AS "user",
       a.backend_start       AS "since"
FROM   pg_locks l
JOIN   pg_stat_activity a ON a.pid = l.pid
WHERE  l.locktype = 'advisory'
AND    l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND    l.classid = $1::int8::oid
AND    l.objid = $2::int8::oid
AND    l.objsubid = 2 -- the form with two keys
AND    l.granted`;

const KEYS = [MAINTENANCE_LOCK.classId, MAINTENANCE_LOCK.objectId];
const ATTEMPTS = 3;

/**
 * Takes the lock for as long as the session lives, or until it is released.
 * @throws MaintenanceRunningError, which names the holder, when another session has it
 */
export async function takeMaintenanceLock(session: MaintenanceSession): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const [answer] = await session.query<{ taken: boolean }>(TAKE_SQL, KEYS);
    if (answer?.taken) return;
    const [holder] = await session.query<MaintenanceHolder & { user: string | null }>(HOLDER_SQL, KEYS);
    if (holder !== undefined) throw new MaintenanceRunningError(holder);
    // The holder ended between the two statements: the lock is free.
  }
  throw new MaintenanceRunningError(null);
}

/** Gives the lock back. */
export async function releaseMaintenanceLock(session: MaintenanceSession): Promise<void> {
  await session.query(RELEASE_SQL, KEYS);
}
