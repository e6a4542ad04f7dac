const HIDDEN = '***';

// Parameters whose value is useful in a message and never a secret. Everything else is hidden, so that a parameter
// nobody thought of is not the one that leaks.
const SHOWN_PARAMETERS = new Set([
  'application_name',
  'connect_timeout',
  'connection_limit',
  'db',
  'host',
  'pgbouncer',
  'pool_timeout',
  'port',
  'schema',
  'sslmode',
]);
// Parameters that hold a secret: their name may be shown. Any other name may itself be the rest of a password that
// was not percent-encoded.
const SECRET_PARAMETERS = new Set(['auth', 'password', 'sslpassword', 'token', '_token']);

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
// An encoded colon (%3A) is refused as part of a name: what stands behind it was meant as a password.
const USER = /^((?:[\w.~+-]|%(?!3a)[\da-f]{2})*):/i;
const ADDRESS = /^((?:[\w.~%-]*|\[[\da-f:.]+\])(?::\d{1,5})?(?:\/[^?#\s]*)?)(?:\?([^#]*))?(#.*)?$/is;

/**
 * A URL as it may be shown in a message or a log: password, unknown query parameters and fragment are replaced by
 * `***`; so is whatever does not look like part of a URL. Of a text that is no URL at all, nothing is shown.
 */
export function maskUrl(url: string): string {
  const scheme = SCHEME.exec(url)?.[0];
  if (scheme === undefined) return HIDDEN;
  const rest = url.slice(scheme.length);
  // The last `@` and not the first, nor the one a URL parser would choose: an unencoded password may hold `@/?#`.
  const at = rest.lastIndexOf('@');
  // `host?password=a@b`: here the end of a password stands where a host would.
  if (/\?.*=/s.test(rest.slice(0, Math.max(0, at)))) return `${scheme}${HIDDEN}`;
  const userInfo = at < 0 ? '' : `${maskUserInfo(rest.slice(0, at))}@`;
  return `${scheme}${userInfo}${maskAddress(rest.slice(at + 1))}`;
}

function maskUserInfo(userInfo: string): string {
  const user = USER.exec(userInfo)?.[1];
  // Without a colon it may be a user or, by a common slip (`redis://secret@host`), a password.
  return user === undefined ? HIDDEN : `${user}:${HIDDEN}`;
}

function maskAddress(address: string): string {
  const match = ADDRESS.exec(address);
  if (match === null) return HIDDEN;
  const [, place = '', query, fragment] = match;
  const shownQuery = query === undefined ? '' : `?${query.split('&').map(maskParameter).join('&')}`;
  return `${place}${shownQuery}${fragment === undefined ? '' : `#${HIDDEN}`}`;
}

function maskParameter(parameter: string): string {
  const [name = '', ...value] = parameter.split('=');
  if (SHOWN_PARAMETERS.has(name) && value.length === 1) return parameter;
  return SECRET_PARAMETERS.has(name) ? `${name}=${HIDDEN}` : HIDDEN;
}
