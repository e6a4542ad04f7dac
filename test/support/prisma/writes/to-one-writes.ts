import type { HandPickedWrite } from './hand-picked-write.js';

const update = (model: string, id: object, data: object) => [model, 'update', { where: id, data }] as const;

/** Nested writes through fields that lead to one row, with the foreign key on either side. */
export const toOneWrites: readonly HandPickedWrite[] = [
  // Many to one: the written row holds the key.
  ['connect, key here', ...update('Post', { id: 1 }, { author: { connect: { id: 2 } } }), 'own row; Post'],
  [
    'create, key here',
    ...update('Post', { id: 1 }, { author: { create: { id: 9, email: 'k9' } } }),
    'own row; Person appears, Post',
  ],
  [
    'connectOrCreate, key here',
    ...update(
      'Post',
      { id: 1 },
      { category: { connectOrCreate: { where: { name: 'k9' }, create: { name: 'k9' } } } },
    ),
    'own row; Category appears, Post',
  ],
  ['disconnect, key here', ...update('Post', { id: 1 }, { reviewer: { disconnect: true } }), 'own row; Post'],
  [
    'disconnect under a condition, key here',
    ...update('Post', { id: 1 }, { reviewer: { disconnect: { email: 'k2' } } }),
    'own row; Post',
  ],
  [
    'update, key here',
    ...update('Post', { id: 1 }, { author: { update: { name: 'x' } } }),
    'own row; Person any, Post',
    'left.Post',
  ],
  [
    'update under a condition, key here',
    ...update('Post', { id: 1 }, { author: { update: { where: { id: 1 }, data: { name: 'x' } } } }),
    'own row; Person any, Post',
    'left.Post',
  ],
  [
    'update of a key that others name, key here',
    ...update('Person', { id: 1 }, { country: { update: { code: 'k9' } } }),
    'own row; Country any appears, Person any, Port any',
  ],
  [
    'upsert, key here',
    ...update(
      'Person',
      { id: 4 },
      { country: { upsert: { create: { id: 9, code: 'k9' }, update: { name: 'x' } } } },
    ),
    'own row; Country any appears, Person',
  ],
  [
    'delete, key here, which others name too',
    ...update('Comment', { id: 2 }, { parent: { delete: true } }),
    'own row; Comment any',
  ],
  [
    'delete, key here, refused by a foreign key of another table',
    ...update('Person', { id: 1 }, { country: { delete: true } }),
    'own row; Country any, Person any',
    'P2003',
  ],
  // One to one: the written row holds the key.
  [
    'connect, one to one, key here: whoever held the other row loses it',
    ...update('Person', { id: 4 }, { badge: { connect: { id: 1 } } }),
    'own row; Person any appears',
  ],
  [
    'connect within a create, one to one, key here: whoever held the other row loses it',
    'Person',
    'create',
    { data: { id: 9, email: 'k9', badge: { connect: { id: 1 } } } },
    'Person any appears',
  ],
  [
    'connectOrCreate of a row that is there, one to one, key here',
    ...update('Person', { id: 4 }, { badge: { connectOrCreate: { where: { id: 1 }, create: { id: 1 } } } }),
    'own row; Badge appears, Person any appears',
    'right.Badge',
  ],
  [
    'create, one to one, key here: the row held before stays as it is',
    ...update('Person', { id: 1 }, { badge: { create: { id: 9 } } }),
    'own row; Badge appears, Person appears',
  ],
  [
    'delete, one to one, key here',
    ...update('Person', { id: 3 }, { badge: { delete: true } }),
    'own row; Badge any, Person any',
  ],
  [
    'connect, one to one, where the key is the primary key and others name it',
    ...update('Passport', { personId: 1 }, { person: { connect: { id: 3 } } }),
    'own row; Passport any appears, Stamp any appears',
  ],
  [
    'connect, one to one, to a row whose holder cannot do without it',
    ...update('Passport', { personId: 1 }, { person: { connect: { id: 2 } } }),
    'own row; Passport any appears, Stamp any appears',
    'P2014',
  ],
  [
    'connect within one table, one to one, key here',
    ...update('Person', { id: 4 }, { spouse: { connect: { id: 2 } } }),
    'own row; Person any appears',
  ],
  // One to one: the other row holds the key.
  [
    'connect, one to one, key there: the row held before is let go',
    ...update('Person', { id: 1 }, { profile: { connect: { id: 2 } } }),
    'own row; Person, Profile any appears',
    'left.persons',
  ],
  [
    'connect within a create, one to one, key there',
    'Badge',
    'create',
    { data: { id: 9, person: { connect: { id: 1 } } } },
    'Badge appears, Person any appears',
  ],
  [
    'create, one to one, key there: the row held before is let go',
    ...update('Person', { id: 1 }, { profile: { create: { id: 9 } } }),
    'own row; Person, Profile any appears',
    'left.persons',
  ],
  [
    'create, one to one, key there, where the row held before cannot be let go',
    ...update('Person', { id: 1 }, { passport: { create: { number: 'k9' } } }),
    'own row; Passport any appears, Person, Stamp any',
    'P2014',
  ],
  [
    'connectOrCreate of a row that is not there, one to one, key there, which lets nothing go and so is refused',
    ...update('Person', { id: 1 }, { profile: { connectOrCreate: { where: { id: 9 }, create: { id: 9 } } } }),
    'own row; Person, Profile any appears',
    'P2002',
  ],
  [
    'disconnect, one to one, key there',
    ...update('Person', { id: 1 }, { profile: { disconnect: true } }),
    'own row; Person, Profile any',
    'left.persons',
  ],
  [
    'update, one to one, key there, and a create within it',
    ...update('Person', { id: 1 }, { passport: { update: { stamps: { create: { id: 9, place: 'k9' } } } } }),
    'own row; Passport any, Person, Stamp appears',
    'left.Passport left.persons',
  ],
  [
    'upsert, one to one, key there',
    ...update('Person', { id: 4 }, { profile: { upsert: { create: { id: 9 }, update: { bio: 'x' } } } }),
    'own row; Person, Profile any appears',
    'left.persons',
  ],
  [
    'delete, one to one, key there, and what cascades from it',
    ...update('Person', { id: 1 }, { passport: { delete: true } }),
    'own row; Passport any, Person, Stamp any',
    'left.persons',
  ],
  [
    'connect within one table, one to one, key there',
    ...update('Person', { id: 4 }, { spouseOf: { connect: { id: 1 } } }),
    'own row; Person any appears',
  ],
  // A key of several columns.
  [
    'connect by a key of two columns, which are part of no key',
    ...update('Desk', { id: 2 }, { member: { connect: { member: { personId: 1, teamId: 1 } } } }),
    'own row; Desk',
  ],
  [
    'disconnect where one of two columns is required',
    ...update('Desk', { id: 1 }, { member: { disconnect: true } }),
    'own row; Desk',
    'P2011',
  ],
  [
    'connect of a key that is part of the primary key',
    ...update('Membership', { member: { personId: 1, teamId: 1 } }, { team: { connect: { id: 3 } } }),
    'own row; Desk any, Membership appears, Task any',
    'left.Desk',
  ],
];
