import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadConfig } from '../../../src/config/config.js';
import { maskUrl } from '../../../src/config/mask.js';
import { ConfigurationError } from '../../../src/errors.js';

// Marked at both ends, so that neither the whole nor a torn-off half can stand in a message by chance.
// Half of the characters are those that tear a URL apart.
const character = fc.oneof(
  fc.constantFrom(...'@:/?#%&=[], \n'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
);
const password = fc.string({ unit: character, maxLength: 12 }).map((middle) => `Zq7${middle}xW9`);

function expectNoTrace(text: string): void {
  expect(text).not.toContain('Zq7');
  expect(text).not.toContain('xW9');
}

function errorOf(environment: Record<string, string>): string {
  try {
    loadConfig({ CACHE_ENABLED: 'maybe', ...environment });
  } catch (error) {
    if (error instanceof ConfigurationError) return `${error.message}\n${inspect(error, { depth: null })}`;
    throw error;
  }
  throw new Error('the configuration was expected to be refused');
}

describe('a password never appears in an error', () => {
  const urlVariable = fc.constantFrom(
    'DATABASE_URL',
    'DIRECT_DATABASE_URL',
    'REDIS_URL',
    'REDIS_SENTINEL_URLS',
    'REDIS_CLUSTER_URLS',
    'UPSTASH_REDIS_REST_URL',
  );
  const scheme = fc.constantFrom(
    'postgresql',
    'postgres',
    'redis',
    'rediss',
    'https',
    'mysql',
    'post gres',
    '',
  );

  test('inside a URL, percent-encoded or not, whatever is wrong with the URL', () => {
    fc.assert(
      fc.property(urlVariable, scheme, password, fc.boolean(), (variable, protocol, secret, encoded) => {
        const part = encoded ? encodeURIComponent(secret) : secret;
        expectNoTrace(errorOf({ [variable]: `${protocol}://app:${part}@host:99999/app` }));
        expectNoTrace(errorOf({ [variable]: `${protocol}://:${part}@host` }));
        // With a bare colon in it, what stands before is a user by every reading.
        expectNoTrace(errorOf({ [variable]: `${protocol}://${part.replaceAll(':', '%3A')}@host` }));
        expectNoTrace(errorOf({ [variable]: `${protocol}:app:${part}@host` }));
        expectNoTrace(errorOf({ [variable]: part }));
        expectNoTrace(errorOf({ [variable]: `${protocol}://ho st/app?password=${part}` }));
      }),
    );
  });

  test('inside a list of URLs', () => {
    fc.assert(
      fc.property(password, (secret) => {
        const wrong = `postgresql://app:${secret}@host:99999/app`;
        expectNoTrace(errorOf({ DATABASE_READ_URLS: `postgresql://host/app,${wrong},${wrong}` }));
      }),
    );
  });

  test('as REDIS_PASSWORD or UPSTASH_REDIS_REST_TOKEN, alone or in contradiction', () => {
    fc.assert(
      fc.property(password, (secret) => {
        expectNoTrace(errorOf({ REDIS_PASSWORD: secret }));
        expectNoTrace(errorOf({ REDIS_PASSWORD: secret, REDIS_URL: 'redis://:other@cache' }));
        expectNoTrace(
          errorOf({ REDIS_PASSWORD: 'o', REDIS_URL: `redis://:${encodeURIComponent(secret)}@cache` }),
        );
        expectNoTrace(errorOf({ UPSTASH_REDIS_REST_TOKEN: secret }));
      }),
    );
  });

  test('inside a URL that was pasted into another variable', () => {
    for (const variable of ['DB_POOL_MAX', 'CACHE_PREFIX', 'REDIS_HOST', 'CACHE_STRATEGY_QUERIES']) {
      expectNoTrace(errorOf({ [variable]: 'redis://:Zq7xW9@cache' }));
      expectNoTrace(errorOf({ [variable]: 'app:Zq7xW9@cache' }));
    }
  });
});

describe('maskUrl', () => {
  test.each([
    ['postgresql://app:pw@db:5432/app', 'postgresql://app:***@db:5432/app'],
    ['postgresql://app@db/app', 'postgresql://***@db/app'],
    ['postgresql://db/app', 'postgresql://db/app'],
    ['redis://:pw@[::1]:6379/0', 'redis://:***@[::1]:6379/0'],
    ['redis://a@b:c@d/e#f?g@host:1', 'redis://***@host:1'],
    ['postgresql://app%3Apw@db/app', 'postgresql://***@db/app'],
    ['postgresql://app:pw/db', 'postgresql://***'],
    ['postgresql://db/app?sslmode=require&password=pw', 'postgresql://db/app?sslmode=require&password=***'],
    ['postgresql://db/app?password=p&w=x', 'postgresql://db/app?password=***&***'],
    ['postgresql://db/app?password=p@w', 'postgresql://***'],
    ['https://h/get/key?_token=t#pw', 'https://h/get/key?_token=***#***'],
    ['pw', '***'],
    ['', '***'],
  ])('%s is shown as %s', (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
  });

  test('changes nothing in a URL that holds no secret', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
    fc.assert(
      fc.property(label, label, fc.integer({ min: 1, max: 65_535 }), (host, database, port) => {
        const url = `postgresql://${host}:${port}/${database}?sslmode=require`;
        expect(maskUrl(url)).toBe(url);
      }),
    );
  });
});
