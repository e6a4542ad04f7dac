import { type Level, pino } from 'pino';
import type { Config, Environment } from './types.js';

/** Writes one record: data and a message, or a message alone. */
export interface LogMethod {
  (context: object, message?: string): void;
  (message: string): void;
}

/** What holdfast needs of a logger. A pino logger is one as it is. */
export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  /** A logger that adds `bindings` to every record. */
  child(bindings: Record<string, unknown>): Logger;
}

// A library in development speaks up only when something is wrong: its application's own output comes first there.
const LEVELS: Readonly<Record<Environment, Level | 'silent'>> = {
  development: 'warn',
  test: 'silent',
  production: 'info',
};

/**
 * The logger used when the application passes none: pino, JSON lines on standard output; `info` in production,
 * `warn` in development, silent in tests. Where every query is to be logged, it lets `debug` through.
 */
export function createLogger(config: Pick<Config, 'environment' | 'queryLog'>): Logger {
  const level = config.queryLog.logQueries ? 'debug' : LEVELS[config.environment];
  return pino({ name: 'holdfast', level });
}

const ignore: LogMethod = () => undefined;

/** A logger that writes nothing. */
export const silentLogger: Logger = Object.freeze({
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
});
