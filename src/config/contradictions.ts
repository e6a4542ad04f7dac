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
  else refuseRedisWithoutHost(settings);
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
