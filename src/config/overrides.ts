import type { ConfigurationProblem } from '../errors.js';
import { showType } from './kinds.js';
import { allVariables } from './variables.js';

/** Values given in code, by their path in a Config. `null` at the path of a group (`redis`) leaves the group out. */
export type GivenInCode = ReadonlyMap<string, unknown>;

const leaves: ReadonlySet<string> = new Set(
  allVariables.flatMap(({ path, otherPaths }) => (path === null ? otherPaths : [path, ...otherPaths])),
);
const groups: ReadonlySet<string> = new Set([...leaves].flatMap(groupsOf));
const omissible: ReadonlySet<string> = new Set(['redis', 'redisSentinel', 'redisCluster', 'upstash']);

/** Lays overrides out by path. What has no place in a Config becomes a problem, named by its path. */
export function layOut(overrides: unknown): { given: GivenInCode; problems: ConfigurationProblem[] } {
  const given = new Map<string, unknown>();
  const problems: ConfigurationProblem[] = [];
  visit('', overrides);
  return { given, problems };

  function visit(path: string, value: unknown): void {
    if (value === undefined) return;
    if (leaves.has(path) || (value === null && omissible.has(path))) {
      given.set(path, value);
    } else if (path !== '' && !groups.has(path)) {
      refuse(path, value, `no such setting; there are ${childrenOf(parentOf(path))}`);
    } else if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      refuse(path || 'overrides', value, `an object with any of ${childrenOf(path)}`);
    } else {
      for (const [key, inner] of Object.entries(value)) visit(path === '' ? key : `${path}.${key}`, inner);
    }
  }

  function refuse(path: string, value: unknown, expected: string): void {
    problems.push({ variable: path, value: showType(value), expected });
  }
}

/** The groups a path lies in, outermost first: `database.pool.max` lies in `database` and `database.pool`. */
export function groupsOf(path: string): string[] {
  const keys = path.split('.');
  return keys.slice(1).map((_, index) => keys.slice(0, index + 1).join('.'));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.')));
}

function childrenOf(path: string): string {
  const prefix = path === '' ? '' : `${path}.`;
  const inside = [...leaves].filter((leaf) => leaf.startsWith(prefix));
  return [...new Set(inside.map((leaf) => leaf.slice(prefix.length).split('.')[0]))].join(', ');
}
