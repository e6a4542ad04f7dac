import type { Settings } from './settings.js';
import { redisParts } from './urls.js';
import type { Variable } from './variable.js';
import { variables } from './variables.js';

/** Refuses settings that are valid one by one and cannot be meant together. */
export function refuseContradictions(settings: Settings): void {
  refusePoolBounds(settings);
  refuseHalfAPair(settings, variables.upstashUrl, variables.upstashToken);
  refuseHalfAPair(settings, variables.upstashToken, variables.upstashUrl);
  if (settings.isGiven(variables.redisUrl)) refuseOtherRedis(settings);
  else if (!isListed(settings, variables.sentinelUrls)) refuseRedisWithoutHost(settings);
  refuseTwoStores(settings);
  refuseMasterWithoutSentinels(settings);
  refuseCertificatesWithoutTls(settings);
}

/** Whether a list was given that can be used, and has something in it. */
function isListed(settings: Settings, list: Variable<readonly string[]>): boolean {
  return settings.isGiven(list) && settings.get(list).length > 0;
}

function refuseTwoStores(settings: Settings): void {
  const { redisUrl, redisHost, sentinelUrls, clusterUrls, upstashUrl } = variables;
  const hasSentinels = isListed(settings, sentinelUrls);
  // With sentinels, REDIS_URL says how to speak to the servers that they tell of.
  const server = [redisUrl, redisHost].find((part) => settings.isGiven(part) && settings.get(part) !== null);
  const [first, ...others] = [
    ...(server === undefined || hasSentinels ? [] : [server]),
    ...[sentinelUrls, clusterUrls].filter((list) => isListed(settings, list)),
    ...(settings.isGiven(upstashUrl) ? [upstashUrl] : []),
  ];
  for (const other of others) {
    settings.refuse(
      other,
      `nothing beside ${first === undefined ? '' : settings.nameOf(first)}: there is one shared cache. Unset one of them, or give null in code`,
    );
  }
}

function refuseMasterWithoutSentinels(settings: Settings): void {
  const { sentinelUrls, sentinelMaster } = variables;
  if (!settings.isGiven(sentinelMaster) || !settings.isUnset(sentinelUrls)) return;
  settings.refuse(
    sentinelUrls,
    `${sentinelUrls.kind.expected}, since ${settings.nameOf(sentinelMaster)} is set`,
  );
}

function refuseCertificatesWithoutTls(settings: Settings): void {
  const { redisTlsCa, redisUrl, sentinelUrls, clusterUrls } = variables;
  if (!settings.isGiven(redisTlsCa) || settings.get(redisTlsCa) === null) return;
  const lists = [sentinelUrls, clusterUrls].filter((list) => isListed(settings, list));
  const urls = [
    ...(settings.isGiven(redisUrl) ? [settings.get(redisUrl)] : []),
    ...lists.flatMap((list) => settings.get(list)),
  ];
  // One that is wrong is refused already.
  if (![redisUrl, sentinelUrls, clusterUrls].every((variable) => settings.isValid(variable))) return;
  if (urls.some((url) => url?.startsWith('rediss:'))) return;
  settings.refuse(redisTlsCa, 'it only with a rediss: URL: without TLS no certificate is checked');
}

function refusePoolBounds(settings: Settings): void {
  const { poolMin, poolMax } = variables;
  if (!settings.isValid(poolMin) || !settings.isValid(poolMax)) return;
  const max = settings.get(poolMax);
  if (settings.get(poolMin) <= max) return;
  // Of the two, the one that was given is refused: the other is a default that nobody wrote.
  if (settings.isGiven(poolMin))
    settings.refuse(poolMin, `at most ${settings.nameOf(poolMax)}, which is ${max}`);
  else settings.refuse(poolMax, `at least ${poolMin.name}, which is ${settings.get(poolMin)}`);
}

function refuseHalfAPair(settings: Settings, given: Variable, missing: Variable): void {
  if (!settings.isGiven(given) || !settings.isUnset(missing)) return;
  settings.refuse(missing, `${missing.kind.expected}, since ${settings.nameOf(given)} is set`);
}

function refuseOtherRedis(settings: Settings): void {
  const url = redisParts(settings.get(variables.redisUrl) ?? '');
  const pairs: readonly (readonly [Variable, unknown])[] = [
    [variables.redisHost, url.host],
    [variables.redisPort, url.port],
    [variables.redisPassword, url.password],
  ];
  for (const [part, inUrl] of pairs) {
    if (!settings.isGiven(part) || settings.get(part) === inUrl) continue;
    settings.refuse(part, `what ${settings.nameOf(variables.redisUrl)} says, or nothing beside it`);
  }
}

function refuseRedisWithoutHost(settings: Settings): void {
  if (!settings.isUnset(variables.redisUrl) || !settings.isUnset(variables.redisHost)) return;
  const without = [variables.redisPort, variables.redisPassword].find((part) => settings.isGiven(part));
  if (without === undefined) return;
  settings.refuse(variables.redisHost, `${variables.redisHost.kind.expected}, since ${without.name} is set`);
}
