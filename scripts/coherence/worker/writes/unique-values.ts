import type { UniqueField } from '../../world.js';
import { type Hand, Undo } from '../hand.js';
import type { WriteKind } from './write-kind.js';

/** Unique values that go from one user to another, are given up, and are claimed. */
export const movesOfUniqueValues: readonly WriteKind[] = [
  { name: 'move of a unique value', weight: 8, around: false, make: move },
  { name: 'claim of a unique value', weight: 4, around: false, make: claim },
];

const COLUMNS: Readonly<Record<UniqueField, string>> = { githubId: 'github_id', email: 'email' };

interface Holder {
  readonly id: string;
  readonly githubId: string;
  readonly email: string;
}

/** One user gives the value up and another takes it, in one transaction; where nobody holds it, it is only taken. */
async function move(hand: Hand): Promise<void> {
  const { world } = hand;
  const [field, value] = pick(hand);
  const taker = hand.oneOf(world.usersThatAre('permanent'));
  const takerId = world.users[taker]?.id ?? '';
  await hand.transaction(async () => {
    const holder = await holderOf(hand, field, value);
    // In one order, so that two moves never wait for each other.
    const locked = await hand.adapter.writes.query<Holder>(
      'SELECT id, github_id AS "githubId", email FROM users WHERE id = ANY($1) ORDER BY id FOR UPDATE',
      [[takerId, holder ?? takerId]],
    );
    if ((await holderOf(hand, field, value)) !== holder) throw new Undo();
    for (const user of locked) hand.touchUser(user);
    const place = world.users.findIndex(({ id }) => id === holder);
    if (place >= 0) await hand.updateUser(place, { [field]: spare(hand, field) });
    if (holder !== takerId) await hand.updateUser(taker, { [field]: value });
  });
}

/** A user takes the value, without asking who has it: refused while another does. */
async function claim(hand: Hand): Promise<void> {
  const { world, adapter } = hand;
  const [field, value] = pick(hand);
  const taker = hand.oneOf(world.usersThatAre('permanent'));
  const users = await adapter.writes.query<Holder>(
    'SELECT id, github_id AS "githubId", email FROM users WHERE id = $1',
    [world.users[taker]?.id],
  );
  for (const user of users) hand.touchUser(user);
  await hand.updateUser(taker, { [field]: value });
}

function pick(hand: Hand): [UniqueField, string] {
  const field: UniqueField = hand.dice.next() < 0.6 ? 'githubId' : 'email';
  return [field, hand.world.values[field][hand.oneOf(hand.world.movingValues)] ?? ''];
}

/** A value that nobody looks up. */
const spare = (hand: Hand, field: UniqueField): string =>
  field === 'githubId' ? `spare-${hand.mark}` : `spare-${hand.mark}@example.test`;

async function holderOf(hand: Hand, field: UniqueField, value: string): Promise<string | null> {
  const text = `SELECT id FROM users WHERE ${COLUMNS[field]} = $1`;
  return (await hand.adapter.writes.query<{ id: string }>(text, [value]))[0]?.id ?? null;
}
