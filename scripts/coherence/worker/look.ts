import type { Reads } from '../adapters/adapter.js';
import type { Sighting } from '../messages.js';
import { stateOfList, stateOfProject, stateOfUser } from '../states.js';
import type { World } from '../world.js';

/** Looks at a register; gives its state, and that of another where the same answer shows that too. */
export async function look(world: World, reads: Reads, register: number): Promise<readonly Sighting[]> {
  const { view, index } = world.registers[register] ?? { view: 'project', index: -1 };
  const owner = world.users[index]?.id ?? '';
  switch (view) {
    case 'project':
      return [[register, stateOfProject(await reads.projectById(world.projects[index]?.id ?? ''))]];
    case 'user':
      return [[register, stateOfUser(await reads.userById(owner))]];
    case 'githubId':
      return [[register, stateOfUser(await reads.userByGithubId(world.values.githubId[index] ?? ''))]];
    case 'email':
      return [[register, stateOfUser(await reads.userByEmail(world.values.email[index] ?? ''))]];
    case 'projectsOfUser': {
      const rows = await reads.projectsOfUser(owner);
      return [[register, stateOfList(rows.map(stateOfProject))]];
    }
    case 'projectsWithOwner':
    case 'ownerOfProjects': {
      const rows = await reads.projectsWithOwner(owner);
      const list: Sighting = [
        world.register('projectsWithOwner', index),
        stateOfList(rows.map(stateOfProject)),
      ];
      const first = rows[0];
      if (first === undefined) return [list];
      return [list, [world.register('ownerOfProjects', index), stateOfUser(first.owner)]];
    }
    case 'projectCount':
      return [[register, await reads.projectCount(owner)]];
  }
}
