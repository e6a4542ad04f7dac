import { isIPv6 } from 'node:net';

/** The port of a Redis that says nothing else. Source: redis.conf. */
export const REDIS_PORT = 6_379;

/**
 * Whether `pg` can connect by this text: a `postgresql:` or `postgres:` URL that names a host, or a socket directory
 * as `?host=`.
 */
export function isPostgresUrl(text: string): boolean {
  // `postgresql://user@/database?host=/run/postgresql` is common among PostgreSQL's URLs and none to the URL parser.
  const withHost = text.replace('@/', '@socket/');
  const url = parse(withHost, ['postgresql:', 'postgres:']);
  if (url === null) return false;
  const named = withHost === text && url.hostname !== '';
  return (named && !url.hostname.includes(',')) || (url.searchParams.get('host') ?? '') !== '';
}

/** Whether node-redis can connect by this text: `redis:` or `rediss:`, a host, and at most a database number. */
export function isRedisUrl(text: string): boolean {
  const url = parse(text, ['redis:', 'rediss:']);
  return url !== null && url.hostname !== '' && /^\/?\d*$/.test(url.pathname);
}

/** Whether this is a Redis URL without a database number, as of a sentinel or of a server of a cluster. */
export function isRedisServerUrl(text: string): boolean {
  return isRedisUrl(text) && new URL(text).pathname.length <= 1;
}

/** Whether the text is an absolute `https:` or `http:` URL. */
export function isHttpUrl(text: string): boolean {
  return parse(text, ['https:', 'http:']) !== null;
}

/** Whether the text is a host alone: a name or an address, without scheme, user or port. */
export function isHost(text: string): boolean {
  return isIPv6(text) || /^[\w.-]+$/.test(text);
}

/** The `redis:` URL of a server given by its parts. */
export function redisUrlOf(host: string, port: number, password: string | null): string {
  const userInfo = password === null ? '' : `:${encodeURIComponent(password)}@`;
  return `redis://${userInfo}${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** The parts of a valid Redis URL, decoded. */
export function redisParts(url: string): { host: string; port: number; password: string | null } {
  const { hostname, port, password } = new URL(url);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? REDIS_PORT : Number(port),
    password: password === '' ? null : decodeURIComponent(password),
  };
}

function parse(text: string, protocols: readonly string[]): URL | null {
  if (!URL.canParse(text) || !text.includes('://')) return null;
  const url = new URL(text);
  const tail = `${url.pathname}${url.search}`;
  // An unencoded `/`, `?` or `#` in a password moves its end into the path, and its beginning into the host.
  const torn = tail.includes('@') || tail.includes('://') || url.hash !== '';
  return protocols.includes(url.protocol) && !torn && decodes(url.username) && decodes(url.password)
    ? url
    : null;
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}
