import type { Hand, RunSql } from '../hand.js';
import type { WriteKind } from './write-kind.js';

/** Raw SQL on the managed pool. */
export const RAW_ON_POOL = 'raw SQL on the pool';
/** Raw SQL on a connection that the application knows nothing of. */
export const RAW_ELSEWHERE = 'raw SQL elsewhere';

/** Writes by raw SQL, through the application's pool and past it. */
export function rawWrites(elsewhere: RunSql): readonly WriteKind[] {
  return [
    {
      name: RAW_ON_POOL,
      weight: 5,
      around: true,
      make: (hand) => writeRaw(hand, (text, parameters) => hand.adapter.writes.query(text, parameters)),
    },
    { name: RAW_ELSEWHERE, weight: 5, around: true, make: (hand) => writeRaw(hand, elsewhere) },
  ];
}

function writeRaw(hand: Hand, run: RunSql): Promise<void> {
  const dice = hand.dice.next();
  if (dice < 0.5) return updateProject(hand, run);
  if (dice < 0.7) return updateUser(hand, run);
  return dice < 0.8 ? updateProjects(hand, run) : projectComesOrGoes(hand, run);
}

const PROJECT = 'id, owner_id AS "ownerId", name, file_count AS "fileCount"';

async function updateProject(hand: Hand, run: RunSql): Promise<void> {
  const place = hand.oneOf(hand.world.projectsThatAre('permanent'));
  const rows = await run<Parameters<Hand['wroteProject']>[0]>(
    `UPDATE projects SET name = $1, updated_at = now() WHERE id = $2 RETURNING ${PROJECT}`,
    [hand.name, hand.world.projects[place]?.id],
  );
  for (const row of rows) hand.wroteProject(row);
}

async function updateUser(hand: Hand, run: RunSql): Promise<void> {
  const place = hand.oneOf(hand.world.usersThatAre('permanent'));
  const rows = await run<Parameters<Hand['wroteUser']>[0]>(
    'UPDATE users SET username = $1, updated_at = now() WHERE id = $2 ' +
      'RETURNING id, github_id AS "githubId", email, username, name',
    [hand.name, hand.world.users[place]?.id],
  );
  for (const row of rows) hand.wroteUser(row);
}

async function updateProjects(hand: Hand, run: RunSql): Promise<void> {
  const owner = hand.oneOf(hand.world.usersThatAre('permanent'));
  const rows = await run<Parameters<Hand['wroteProject']>[0]>(
    `UPDATE projects SET name = $1, updated_at = now() WHERE owner_id = $2 RETURNING ${PROJECT}`,
    [hand.name, hand.world.users[owner]?.id],
  );
  for (const row of rows) hand.wroteProject(row);
}

async function projectComesOrGoes(hand: Hand, run: RunSql): Promise<void> {
  const { world } = hand;
  const { id, owner } = world.projects[hand.oneOf(world.projectsThatAre('passing'))] ?? { id: '', owner: 0 };
  const gone = await run<Parameters<Hand['deletedProject']>[0]>(
    `DELETE FROM projects WHERE id = $1 RETURNING ${PROJECT}`,
    [id],
  );
  for (const row of gone) hand.deletedProject(row);
  if (gone.length > 0) return;
  const made = await run<Parameters<Hand['wroteProject']>[0]>(
    'INSERT INTO projects (id, owner_id, name, source_stack, updated_at) ' +
      `VALUES ($1, $2, $3, '{}', now()) RETURNING ${PROJECT}`,
    [id, world.users[owner]?.id, hand.name],
  );
  for (const row of made) hand.wroteProject(row);
}
