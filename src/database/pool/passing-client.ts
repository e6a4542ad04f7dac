import pg from 'pg';
import { isSubmittable } from '../query-log/observed-submittable.js';
import { calledOnce, PassingQuery, type QueryCallback } from './passing-query.js';

/** A client whose statements do not hold on to what they brought: see `PassingQuery`. Every form of `query` works as in pg. */
export class PassingClient extends pg.Client {
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of pg.Client.query have no common type but this one
  override query(...args: any[]): any {
    const [config, values, callback]: readonly unknown[] = args;
    const send = (...given: unknown[]): unknown => Reflect.apply(super.query, this, given);
    if (config instanceof PassingQuery && typeof callback === 'function') {
      return send(config, values, calledOnce(callback as QueryCallback));
    }
    // pg says what is wrong with a config that is missing.
    if (config === null || config === undefined || isSubmittable(config)) return send(...args);

    const query = new PassingQuery(config, values, callback);
    query.query_timeout = (config as { readonly query_timeout?: unknown }).query_timeout;
    this.prepare(query);
    const given = query.callback;
    if (given !== undefined) {
      // It is what pg calls it, or pg says that it is none.
      if (typeof given !== 'function') return send(...args);
      query.callback = calledOnce(given);
      send(query);
      return undefined;
    }
    const answer = new Promise((resolve, reject) => {
      query.callback = calledOnce((error, result) => (error ? reject(error) : resolve(result)));
    });
    send(query);
    return answer.catch((error: unknown) => {
      // As pg does: the stack that leads to the socket says nothing, this one leads to the caller.
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    });
  }

  /** Called with each statement that was made for one call, before it is sent. */
  protected prepare(_query: PassingQuery): void {
    // A client that has something to do to it says so.
  }
}
