import { displayName, type Relation } from './catalog.js';

const MOST = 3;

/** The tables whose names come closest to one that does not exist, at most three, best first. */
export function closestNames(wanted: string, tables: readonly Relation[]): readonly string[] {
  const target = wanted.toLowerCase();
  return tables
    .map((table) => ({ table, distance: distanceTo(target, table) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(target.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST)
    .map(({ table }) => displayName(table));
}

function distanceTo(target: string, { schema, name }: Relation): number {
  const bare = name.toLowerCase();
  // `users; DROP TABLE users` and `user` are both nearest to `users`.
  if (target.startsWith(bare) || bare.startsWith(target)) return 1;
  return Math.min(editDistance(target, bare), editDistance(target, `${schema.toLowerCase()}.${bare}`));
}

/** How many letters have to be added, removed or replaced to get from one to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
