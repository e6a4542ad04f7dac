import type { Hand } from '../hand.js';
import type { WriteKind } from './write-kind.js';

/** Writes of one call to a repository, on rows that are always there. */
export const simpleWrites: readonly WriteKind[] = [
  {
    name: 'update',
    weight: 30,
    around: false,
    make: (hand) => hand.updateProject(hand.oneOf(hand.world.projectsThatAre('permanent'))),
  },
  {
    name: 'update of a user',
    weight: 8,
    around: false,
    make: (hand) => hand.updateUser(hand.oneOf(hand.world.usersThatAre('permanent'))),
  },
  { name: 'nested update', weight: 8, around: false, make: nestedUpdate },
  { name: 'updateMany', weight: 3, around: false, make: updateMany },
];

/** A user's row and one of the user's projects. */
async function nestedUpdate(hand: Hand): Promise<void> {
  const { world } = hand;
  const place = hand.oneOf(world.projectsThatAre('permanent'));
  const { id, owner } = world.projects[place] ?? { id: '', owner: 0 };
  hand.touchProject({ id, ownerId: world.users[owner]?.id ?? '' });
  await hand.updateUser(owner, { projects: { update: { where: { id }, data: { name: hand.name } } } });
}

/** All projects of a user, whichever are there. */
async function updateMany(hand: Hand): Promise<void> {
  const { world, adapter } = hand;
  const ownerId = world.users[hand.oneOf(world.usersThatAre('permanent'))]?.id ?? '';
  for (const { id, owner } of world.projects) {
    if (world.users[owner]?.id === ownerId) hand.touchProject({ id, ownerId });
  }
  hand.wroteMany(await adapter.writes.updateProjects({ ownerId }, { name: hand.name }));
}
