import type { Hand } from '../hand.js';
import type { WriteKind } from './write-kind.js';

/** Creates and deletes of rows with fixed ids and unique values, which others look up while they are not there. */
export const comingsAndGoings: readonly WriteKind[] = [
  { name: 'create or delete', weight: 10, around: false, make: projectComesOrGoes },
  { name: 'deleteMany', weight: 2, around: false, make: projectGoesByFilter },
  { name: 'create or delete of a user with projects', weight: 8, around: false, make: guestComesOrGoes },
];

async function projectComesOrGoes(hand: Hand): Promise<void> {
  const { world, adapter } = hand;
  const { id, owner } = world.projects[hand.oneOf(world.projectsThatAre('passing'))] ?? { id: '', owner: 0 };
  const ownerId = world.users[owner]?.id ?? '';
  hand.touchProject({ id, ownerId });
  if (await isThere(hand, 'projects', id)) {
    hand.deletedProject(await adapter.writes.deleteProject(id));
    return;
  }
  const project = { id, name: hand.name, sourceStack: {} };
  if (hand.dice.next() < 0.5) hand.wroteProject(await adapter.writes.createProject({ ...project, ownerId }));
  else await hand.updateUser(owner, { projects: { create: project } });
}

/** Marks a project and deletes it, both by a filter. */
async function projectGoesByFilter(hand: Hand): Promise<void> {
  const { world, adapter } = hand;
  const { id, owner } = world.projects[hand.oneOf(world.projectsThatAre('passing'))] ?? { id: '', owner: 0 };
  hand.touchProject({ id, ownerId: world.users[owner]?.id ?? '' });
  await hand.transaction(async () => {
    hand.wroteMany(await adapter.writes.updateProjects({ id }, { name: hand.name }));
    await adapter.writes.deleteProjects({ id });
  });
}

/** A guest brings a project along, and it goes with the guest. */
async function guestComesOrGoes(hand: Hand): Promise<void> {
  const { world, adapter } = hand;
  const guest = hand.oneOf(world.usersThatAre('guest'));
  const user = world.users[guest];
  const project = world.projects.find(({ owner }) => owner === guest);
  if (user === undefined || project === undefined) return;
  const { id, githubId, email } = user;
  hand.touchProject({ id: project.id, ownerId: id });
  hand.touchUser(user);
  if (await isThere(hand, 'users', id)) {
    hand.deletedUser(await adapter.writes.deleteUser(id));
    return;
  }
  const projects = { create: { id: project.id, name: hand.name, sourceStack: {} } };
  hand.wroteUser(await adapter.writes.createUser({ id, githubId, email, username: hand.name, projects }));
}

async function isThere(hand: Hand, table: 'projects' | 'users', id: string): Promise<boolean> {
  return (await hand.adapter.writes.query(`SELECT 1 FROM ${table} WHERE id = $1`, [id])).length > 0;
}
