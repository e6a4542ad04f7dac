import { type Hand, Undo } from '../hand.js';
import type { WriteKind } from './write-kind.js';

/** Transactions that commit, that roll back, and that roll back to a savepoint and commit. */
export const transactions: readonly WriteKind[] = [
  {
    name: 'transaction',
    weight: 12,
    around: false,
    make: (hand) => hand.transaction(() => writeSome(hand)),
  },
  {
    name: 'rollback',
    weight: 8,
    around: false,
    make: (hand) =>
      hand.transaction(async () => {
        await writeSome(hand);
        throw new Undo();
      }),
  },
  {
    name: 'rollback to a savepoint',
    weight: 8,
    around: false,
    make: (hand) => hand.transaction(() => writeAndTakeBack(hand)),
  },
];

/** Perhaps a user, then up to three projects. */
async function writeSome(hand: Hand): Promise<void> {
  const { world, dice } = hand;
  if (dice.next() < 0.3) await hand.updateUser(hand.oneOf(world.usersThatAre('permanent')));
  for (const place of inOrder(hand, 1 + Math.floor(3 * dice.next()))) {
    await hand.updateProject(place);
    await hand.readOwn(place);
  }
}

async function writeAndTakeBack(hand: Hand): Promise<void> {
  const [first = 0, second = first] = inOrder(hand, 2);
  await hand.updateProject(first);
  await hand.takenBack(async () => {
    await hand.updateProject(second);
    await hand.readOwn(second);
    await hand.updateProject(first);
  });
  await hand.readOwn(first);
  if (hand.dice.next() < 0.5) await hand.adapter.writes.transaction(() => hand.updateProject(second));
}

/** So many projects, in the order of their ids, so that two transactions seldom wait for each other. */
function inOrder(hand: Hand, count: number): readonly number[] {
  const projects = hand.world.projectsThatAre('permanent');
  const places = new Set(Array.from({ length: count }, () => hand.oneOf(projects)));
  return [...places].sort((a, b) => a - b);
}
