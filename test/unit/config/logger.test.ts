import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { loadConfig } from '../../../src/config/config.js';
import { createLogger, type Logger, silentLogger } from '../../../src/config/logger.js';

const database = { url: 'postgresql://db/app' };

function levelOf(environment: Record<string, string>): unknown {
  return (createLogger(loadConfig(environment, { database })) as Logger & { level?: unknown }).level;
}

describe('createLogger', () => {
  test('is silent in tests, writes from info in production and from warn in development', () => {
    expect(levelOf({ NODE_ENV: 'test' })).toBe('silent');
    expect(levelOf({ NODE_ENV: 'production' })).toBe('info');
    expect(levelOf({})).toBe('warn');
  });

  test('lets the queries through where they are to be logged', () => {
    expect(levelOf({ NODE_ENV: 'production', DATABASE_LOG_QUERIES: 'true' })).toBe('debug');
  });
});

test('a pino logger is a Logger as it is, and so is its child', () => {
  const lines: string[] = [];
  const logger: Logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  logger.child({ part: 'pool' }).debug({ size: 1 }, 'opened');
  logger.warn('plain');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ part: 'pool', size: 1, msg: 'opened' });
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ msg: 'plain' });
});

test('the silent logger takes every call, and its child is silent too', () => {
  expect(() => silentLogger.child({ part: 'pool' }).error({ code: 1 }, 'nothing')).not.toThrow();
});
