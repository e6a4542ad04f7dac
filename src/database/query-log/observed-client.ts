import pg from 'pg';
import { CallSite, callSiteOf } from './call-site.js';
import { INTERNAL } from './internal-statements.js';
import { isSubmittable, observeSubmittable } from './observed-submittable.js';
import { rowsOf } from './rows.js';
import { RunningStatement } from './running-statement.js';
import type { StatementObserver } from './statement-observer.js';

type Callback = (this: unknown, error: Error | null, result: unknown) => unknown;

/**
 * A class of pg clients that tell the observer of every statement when it has ended. It is given to `pg.Pool`, so that
 * what Prisma sends through that pool is seen as well. Every form of `query` works as in pg.
 *
 * @param Client the class below, which sends; what it adds to a statement is not observed
 */
export function observedClientClass(observer: StatementObserver, Client = pg.Client): typeof pg.Client {
  class ObservedClient extends Client {
    // biome-ignore lint/suspicious/noExplicitAny: the overloads of pg.Client.query have no common type but this one
    override query(...args: any[]): any {
      const [config, values, callback]: readonly unknown[] = args;
      const send = (): unknown => Reflect.apply(super.query, this, args);
      // pg says what is wrong with it.
      if (config === null || config === undefined) return send();
      if (textOf(config).startsWith(INTERNAL)) return send();
      const callSite = observer.callSites ? (callSiteOf(config) ?? CallSite.capture(this.query)) : null;
      const inCall = typeof callback === 'function' ? 2 : typeof values === 'function' ? 1 : null;
      // One of pg's own tells the callback of the call all that is to be known, unless it has one already.
      const tells =
        inCall !== null && config instanceof pg.Query && !('callback' in config && config.callback);
      if (isSubmittable(config) && !tells) return observeSubmittable(observer, config, callSite, send);

      const statement = new RunningStatement(
        observer,
        textOf(config),
        parametersOf(config, values),
        callSite,
      );
      const given = inCall === null ? (config as { readonly callback?: unknown }).callback : args[inCall];
      if (typeof given === 'function') {
        args[inCall ?? 2] = reporting(statement, given as Callback);
        return send();
      }
      const answer = send();
      // The reaction that is added first runs first, so the figures are there when the caller goes on.
      if (isThenable(answer)) {
        answer.then(
          (result) => statement.end(null, rowsOf(result)),
          (error: unknown) => statement.end(asError(error), null),
        );
      }
      return answer;
    }
  }
  return ObservedClient;
}

function reporting(statement: RunningStatement, callback: Callback): Callback {
  return function report(this: unknown, error: Error | null, result: unknown): unknown {
    if (error) statement.end(error, null);
    else statement.end(null, rowsOf(result));
    return callback.call(this, error, result);
  };
}

function textOf(config: unknown): string {
  if (typeof config === 'string') return config;
  const { text, name } = config as { readonly text?: unknown; readonly name?: unknown };
  // A prepared statement may be run by its name alone.
  return typeof text === 'string' ? text : `EXECUTE "${String(name ?? '')}"`;
}

const NO_PARAMETERS: readonly unknown[] = Object.freeze([]);

/** pg takes them from the call, else from the config. */
function parametersOf(config: unknown, values: unknown): readonly unknown[] {
  if (Array.isArray(values)) return values;
  const own = (config as { readonly values?: unknown }).values;
  return Array.isArray(own) ? own : NO_PARAMETERS;
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof (answer as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
