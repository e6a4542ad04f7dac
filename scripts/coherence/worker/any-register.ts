import type { View, World } from '../world.js';
import type { Dice } from './dice.js';

/** How often registers of each kind are read, in proportion. `ownerOfProjects` is seen with `projectsWithOwner`. */
const READS: readonly (readonly [View, number])[] = [
  ['project', 52],
  ['user', 12],
  ['githubId', 11],
  ['email', 7],
  ['projectsOfUser', 6],
  ['projectsWithOwner', 4],
  ['projectCount', 8],
];

/** How often it is one of those that are always there. */
const PERMANENT = 0.75;

/** A register to read, by dice. */
export function anyRegister(world: World, dice: Dice): number {
  const [view] = dice.weighted(READS, ([, weight]) => weight);
  const permanent = dice.next() < PERMANENT;
  if (view === 'project') {
    const comesAndGoes = dice.next() < 0.5 ? 'passing' : 'guest';
    return world.register(view, dice.oneOf(world.projectsThatAre(permanent ? 'permanent' : comesAndGoes)));
  }
  if (view === 'githubId' || view === 'email') {
    return world.register(view, dice.oneOf(permanent ? world.movingValues : world.guestValues));
  }
  return world.register(view, dice.oneOf(world.usersThatAre(permanent ? 'permanent' : 'guest')));
}
