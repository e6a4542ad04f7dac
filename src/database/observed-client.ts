import { performance } from 'node:perf_hooks';
import pg from 'pg';
import type { StatementObserver } from './statement-observer.js';

type Callback = (error: Error | null, result: unknown) => void;

/** The text and the values of a call to `query`, in any of the forms that pg takes. */
function statementOf(config: unknown, values: unknown): { text: string; parameters: readonly unknown[] } {
  const fromCall = Array.isArray(values) ? values : [];
  if (typeof config === 'string') return { text: config, parameters: fromCall };
  if (typeof config === 'object' && config !== null && 'text' in config) {
    const own = 'values' in config && Array.isArray(config.values) ? config.values : fromCall;
    return { text: String(config.text), parameters: own };
  }
  return { text: '', parameters: fromCall };
}

/**
 * A class of pg clients that tell the observer of every statement when it has ended. It is given to `pg.Pool`, so that
 * what Prisma sends through that pool is seen as well.
 */
export function observedClientClass(observer: StatementObserver): typeof pg.Client {
  class ObservedClient extends pg.Client {
    // pg's `query` has nine overloads and passes its arguments on as they are; so does this.
    // biome-ignore lint/suspicious/noExplicitAny: the overloads of pg.Client.query have no common type but this one
    override query(...args: any[]): any {
      const startedAt = performance.now();
      const statement = statementOf(args[0], args[1]);
      const finish = (error: Error | null): void =>
        observer.record({ ...statement, durationMs: performance.now() - startedAt, error });

      const last = args.length - 1;
      if (typeof args[last] === 'function') {
        const callback: Callback = args[last];
        args[last] = (error: Error | null, result: unknown) => {
          finish(error);
          callback(error, result);
        };
        return Reflect.apply(super.query, this, args);
      }
      const answer: unknown = Reflect.apply(super.query, this, args);
      if (answer instanceof Promise) {
        answer.then(
          () => finish(null),
          (error: Error) => finish(error),
        );
      }
      return answer;
    }
  }
  return ObservedClient;
}
