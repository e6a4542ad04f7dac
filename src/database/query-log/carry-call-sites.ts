import type pg from 'pg';
import { CALL_SITE, CallSite } from './call-site.js';
import type { StatementObserver } from './statement-observer.js';

/**
 * Lets the statements of `pool.query` carry their call site, if the observer asks for call sites; else does nothing. The
 * client cannot see it: the pool sends a statement when a connection is there, and then its caller is no longer on the
 * stack.
 */
export function carryCallSites(pool: pg.Pool, observer: StatementObserver): void {
  if (!observer.callSites) return;
  const send = pool.query as (...args: unknown[]) => unknown;
  const query = (...args: unknown[]): unknown => {
    const [config] = args;
    if (typeof config === 'string') args[0] = { text: config, [CALL_SITE]: CallSite.capture(query) };
    else if (isPlainConfig(config)) args[0] = { ...config, [CALL_SITE]: CallSite.capture(query) };
    return send.apply(pool, args);
  };
  pool.query = query as typeof pool.query;
}

function isPlainConfig(config: unknown): config is object {
  return typeof config === 'object' && config !== null && !('submit' in config);
}
